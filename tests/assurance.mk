# What is run before a release beside `make check`: docs/assurance.md. Included by the Makefile.

.PHONY: fuzz fuzz-corpus fuzzers

# AFL++'s way to build; what its fuzzer writes and finds is in build/fuzz/found.
FUZZERS = $(patsubst tests/fuzz/fuzz_%.c,$(BUILD)/tests/fuzz/%,$(wildcard tests/fuzz/fuzz_*.c))
FUZZING = $(call jobs,$(PROCESSORS)) BUILD=build/fuzz CC=afl-clang-fast $(SANITIZERS) fuzzers
FUZZ_SECONDS ?= 600
FUZZ_TARGETS ?=
fuzz: ## each fuzz target for FUZZ_SECONDS (600), two at a time; any crash or hang fails
	@AFL_QUIET=1 $(MAKE) $(FUZZING)
	@/usr/bin/python3 tests/fuzz/fuzz.py --seconds $(FUZZ_SECONDS) build/fuzz $(FUZZ_TARGETS)

fuzz-corpus: ## each fuzz target once over its corpus (seconds; part of make check)
	@AFL_QUIET=1 $(MAKE) $(FUZZING)
	@/usr/bin/python3 tests/fuzz/fuzz.py build/fuzz $(FUZZ_TARGETS)

fuzzers: $(FUZZERS)

# An archive: a target has of the tree what it uses, and its coverage is counted of that.
$(BUILD)/tests/fuzz/tree.a: $(call objects,$(TESTED))
	@mkdir -p $(@D)
	@rm -f $@
	$(AR) rc $@ $^

$(BUILD)/tests/fuzz/%: tests/fuzz/fuzz_%.c tests/fuzz/require.h $(BUILD)/tests/fuzz/tree.a
	$(CC) $(CPPFLAGS) $(CFLAGS) $(filter %.c %.a,$^) -fsanitize=fuzzer $(COMMAND_LIBS) -o $@

SOAK_MINUTES ?= 60
.PHONY: soak
soak: build $(CLIENTS) ## a busy program, curl and the agent for SOAK_MINUTES (60), the policy replaced each second (root)
	@PINSHIM_BUILD=$(abspath $(BUILD)) nice -n 10 /usr/bin/python3 tests/soak/soak.py $(SOAK_MINUTES)

# The library, too, counts its lines, and writes them when its process ends; what a signal ends is not counted. Not the
# tests in which memory fails: the counting itself needs some.
COVERED ?= $(patsubst %,tests/e2e/test_%.py,loading reload chains lookups gnutls gnutls_names gnutls_sessions gnutls_secrets \
    gnutls_raw_keys nss gnutls_instances nss_instances drivers protocols no_certificate renegotiation sessions early_data names \
    local_proxy personas faults_descriptors desktop message agent agent_asked agent_rotation agent_attacks agent_server agent_misbehaves \
    agent_socket agent_events agent_keeps_events agent_reports bundle check command compile doctor doctor_all explain \
    explain_server install_preload install_preload_fails installed_policy log log_follow pin pin_policy plugins report run \
    run_confirms run_refusals set_uid status status_bounds user_groups)
# The files of counts are there before, for any user to write to: the agent gives up root's rights.
COUNTED = $(MAKE) --no-print-directory BUILD=build/coverage HARDENING= OPTIMISE='-O0 -g --coverage -fprofile-update=atomic' \
    COUNTING=tests/counting.c TESTS='$(COVERED)' CK_TIMEOUT_MULTIPLIER=10
$(COMMAND) $(AGENT): $(call objects,$(COUNTING))
.PHONY: coverage
coverage: ## the share of lines that unit tests and a choice of the others run, by folder, with its bounds
	@$(COUNTED) build clients
	@find build/coverage -name "*.gcda" -delete
	@umask 0 && find build/coverage/obj -name "*.gcno" | sed 's/gcno$$/gcda/' | xargs touch
	@$(COUNTED) units e2e
	@/usr/bin/python3 tests/coverage.py build/coverage

RELEASE_STEPS ?=
.PHONY: release-check
release-check: ## everything, whatever fails on the way, and a table at the end (hours; root): docs/assurance.md
	@/usr/bin/python3 tests/release_check.py '$(MAKE)' build/release $(RELEASE_STEPS)
