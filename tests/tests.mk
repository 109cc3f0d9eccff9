# What tests are made of, and the ways to run them. Included by the Makefile.

# Twice as many at once as there are processors: many a test waits for the network.
PYTEST ?= /usr/bin/python3 -m pytest -n $(shell expr 2 \* $$(nproc)) -q
TESTS ?= tests/e2e
# Where the library's and the command's own code goes its different ways; all of them: make sanitize SANITIZED=tests/e2e
SANITIZED ?= $(patsubst %,tests/e2e/test_%.py,matrix chains sessions early_data no_certificate renegotiation lookups bad_input \
    faults_memory explain explain_server pin log_input check bundle agent_attacks agent_server)

UNITS = $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test_*.c))
CLIENTS = $(patsubst tests/clients/%.c,$(BUILD)/tests/clients/%,$(wildcard tests/clients/*.c))
CLIENTS += $(patsubst tests/clients/%/,$(BUILD)/tests/clients/%,$(dir $(wildcard tests/clients/*/main.c))) $(BUILD)/tests/clients/kit.so

PROCESSORS = $(shell nproc)
# For a make within this one: so many jobs, or what is left of the caller's.
jobs = --no-print-directory $(if $(findstring --jobserver,$(MAKEFLAGS)),,-j $(1))
# Seconds for a unit test that says nothing else; Check's own 4 are few on a loaded machine, or instrumented.
export CK_DEFAULT_TIMEOUT ?= 60

.PHONY: built units clients e2e matrix sanitize tsan valgrind compat survey aarch64 i386 i386-root lint
built: build clients $(UNITS)

units: $(UNITS) build
	@failed=0; for t in $(UNITS); do PINSHIM_BUILD=$(BUILD) PINSHIM_EMULATOR='$(EMULATOR)' $(EMULATOR) $$t || failed=1; done; exit $$failed

clients: $(CLIENTS)

e2e: build clients
	@PINSHIM_BUILD=$(abspath $(BUILD)) PINSHIM_CC='$(CC)' PINSHIM_EMULATOR='$(EMULATOR)' $(PYTEST) $(TESTS)

matrix: build $(CLIENTS) ## the attack matrix alone, with its table; PINSHIM_MATRIX=full for every triple
	@PINSHIM_BUILD=$(abspath $(BUILD)) PINSHIM_MATRIX_TABLE=1 $(PYTEST) tests/e2e/test_matrix.py

SANITIZERS = HARDENING= OPTIMISE='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer'
INSTRUMENTED = BUILD=build/sanitize $(SANITIZERS)
sanitize: ## unit and end-to-end tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(MAKE) $(call jobs,$(PROCESSORS)) $(INSTRUMENTED) built
	@$(MAKE) --no-print-directory $(INSTRUMENTED) TESTS='$(SANITIZED)' units e2e

THREADED = $(patsubst %,build/tsan/tests/unit/test_%,registry lookups policy_in_force process_status)
tsan: ## what threads share, under ThreadSanitizer: four unit tests, and two threaded programs with the library
	@$(MAKE) $(call jobs,$(PROCESSORS)) BUILD=build/tsan HARDENING= OPTIMISE='-O1 -g -fsanitize=thread' \
	    $(THREADED) build build/tsan/tests/clients/busy build/tsan/tests/clients/soak
	@for t in $(THREADED); do CK_TIMEOUT_MULTIPLIER=10 TSAN_OPTIONS=die_after_fork=0:halt_on_error=1 $$t || exit 1; done
	@PINSHIM_BUILD=$(abspath build/tsan) /usr/bin/python3 -m pytest -q tests/e2e/test_tsan.py

valgrind: $(UNITS) build $(CLIENTS) ## unit tests and a selection of handshakes under memcheck (minutes)
	@failed=0; for t in $(UNITS); do PINSHIM_BUILD=$(BUILD) CK_TIMEOUT_MULTIPLIER=20 \
	    valgrind -q --error-exitcode=9 $$t || failed=1; done; exit $$failed
	@PINSHIM_BUILD=$(abspath $(BUILD)) $(PYTEST) tests/e2e/test_memcheck.py

compat: all ## other projects' TLS tests, which the shim must not change: docs/compatibility.md (half an hour)
	@packaging/deps.sh dpkg-dev
	@/usr/bin/python3 tests/compat/compat.py $(BUILD)

survey: ## the share of Debian's programs that a preload reaches, by the index of packages: docs/coverage.md
	@/usr/bin/python3 tests/survey/survey.py

# Cross-built against Debian's own packages, and run by emulation. The attackers are this machine's.
AARCH64_ROOT = $(abspath build/aarch64/root)
FOREIGN_PACKAGES = libc6-dev libssl-dev libconfig-dev libcdb-dev libidn2-dev libunistring-dev libpsl-dev libjansson-dev \
    uthash-dev check libsubunit-dev libgnutls28-dev libnss3-dev libcurl4-openssl-dev dash coreutils libio-socket-ssl-perl socat \
    python3 curl openssl
FOREIGN_TESTS ?= $(patsubst %,tests/e2e/test_%.py,32_bit loading matrix chains sessions early_data no_certificate renegotiation names) \
    $(addprefix tests/e2e/test_programs.py::test_,genuine_leaf_is_pinned man_in_the_middle_is_ended_in_the_handshake)
aarch64: ## for aarch64: cross-built, unit tests and a selection of the end-to-end tests under qemu
	@packaging/deps.sh gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static
	@packaging/foreign-root.sh arm64 $(AARCH64_ROOT) $(FOREIGN_PACKAGES)
	@$(MAKE) --no-print-directory BUILD=build/aarch64 CC='aarch64-linux-gnu-gcc --sysroot=$(AARCH64_ROOT)' \
	    SYSROOT=$(AARCH64_ROOT) EMULATOR='qemu-aarch64-static -L $(AARCH64_ROOT)' TESTS='$(FOREIGN_TESTS)' CK_TIMEOUT_MULTIPLIER=10 units e2e

I386_ROOT = $(abspath build/i386/root)
I386 = BUILD=build/i386 CC='i686-linux-gnu-gcc --sysroot=$(I386_ROOT)' SYSROOT=$(I386_ROOT)
i386: i386-root ## for 32-bit programs beside amd64: the same as for aarch64
	@$(MAKE) --no-print-directory $(I386) EMULATOR='qemu-i386-static -L $(I386_ROOT)' TESTS='$(FOREIGN_TESTS)' \
	    CK_TIMEOUT_MULTIPLIER=10 units e2e

i386-root:
	@packaging/deps.sh gcc-i686-linux-gnu libc6-dev-i386-cross qemu-user-static
	@packaging/foreign-root.sh i386 $(I386_ROOT) $(FOREIGN_PACKAGES)

lint: deps ## formatting, clang-tidy, cppcheck, shellcheck, and the build with clang
	@tests/lint.sh

TESTED = $(sort $(filter-out agent/main.c agent/fetch.c agent/report.c agent/https.c,$(AGENT_SOURCES)) $(CONFIG_SOURCES) \
    $(PROCESS_SOURCES) $(filter-out tools/main.c,$(TOOL_SOURCES)))
# A unit test links what it tests from the tree, hooks apart: those it loads as a program would.
$(BUILD)/tests/unit/%: tests/unit/%.c $(call objects,$(TESTED))
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $< $(filter %.o,$^) -lcheck -lsubunit $(COMMAND_LIBS) -lm -lrt -lpthread -o $@

# A client is a file, or a folder with a main.c; it uses OpenSSL, or the library that it says here.
$(addprefix $(BUILD)/tests/clients/,kit kit.so gnutls nss): $(wildcard tests/clients/arguments/*)
$(addprefix $(BUILD)/tests/clients/,careful crowded jumping paused): $(wildcard tests/clients/*.h)
LIBS_gnutls = -lgnutls
LIBS_nss = -lssl3 -lsmime3 -lnss3 -lnspr4 -lplds4
LIBS_soak = -lssl -lcrypto $(LIBS_gnutls) $(LIBS_nss)
.SECONDEXPANSION:
$(BUILD)/tests/clients/%: $$(wildcard tests/clients/$$*.c tests/clients/$$*/*.[ch])
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(filter %.c,$^) $(or $(LIBS_$*),-lssl -lcrypto) -lpthread -ldl -o $@

# The kit as a plugin.
$(BUILD)/tests/clients/%.so: $$(wildcard tests/clients/$$*/*.[ch])
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -fvisibility=default -shared $(filter %.c,$^) -lssl -lcrypto -lpthread -o $@
