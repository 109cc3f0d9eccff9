# pinshim: certificate pinning for unmodified programs. `make help` lists the targets.

CC = gcc
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib/$(MULTIARCH)/pinshim
BUILD ?= build
# Twice as many at once as there are processors: many a test waits for the network.
PYTEST ?= /usr/bin/python3 -m pytest -n $(shell expr 2 \* $$(nproc)) -q
TESTS ?= tests/e2e
# Where the library's and the command's own code goes its different ways; all of them: make sanitize SANITIZED=tests/e2e
SANITIZED ?= $(patsubst %,tests/e2e/test_%.py,matrix chains sessions no_certificate renegotiation lookups bad_input \
    faults_memory explain pin log_input check)

WARNINGS = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef
HARDENING = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fstack-clash-protection -fcf-protection
OPTIMISE ?= -O2 -g
CPPFLAGS += -I. -I$(BUILD) $(addprefix -isystem /usr/include/,nss nspr) -D_GNU_SOURCE \
    -DPINSHIM_VERSION='"$(VERSION)"' -DMULTIARCH='"$(MULTIARCH)"'
CFLAGS += -std=gnu11 $(OPTIMISE) $(WARNINGS) $(HARDENING) -fPIC -fvisibility=hidden -ffunction-sections
LDFLAGS += -Wl,-z,relro,-z,now,-z,noexecstack,-z,defs -Wl,--as-needed
VERSION := $(shell cat VERSION)
MULTIARCH := $(shell $(CC) -print-multiarch)
MACHINE := $(firstword $(subst -, ,$(shell $(CC) -dumpmachine)))

# What a process under the shim carries: libc, the cdb reader, nothing else.
SHIM_SOURCES = $(addprefix config/,pin.c spki.c name.c rule.c image.c map_linux.c file_facts_linux.c watch.c) $(wildcard shim/*.c) \
    $(filter-out hooks/elf/machine_%,$(wildcard hooks/*/*.c)) hooks/elf/machine_$(MACHINE).c
CONFIG_SOURCES = $(wildcard config/*.c)
TOOL_SOURCES = $(wildcard tools/*.c) $(addprefix shim/,verdict.c trial.c personas.c local_proxy_linux.c system_linux.c \
    address.c text.c) $(addprefix hooks/openssl/,evidence.c own_path.c)
CONFIG_LIBS = -lconfig -lidn2 -lpsl -lunistring
COMMAND_LIBS = $(CONFIG_LIBS) -lcdb -ljansson -lssl -lcrypto
objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

LIBRARY = $(BUILD)/libpinshim.so
COMPILER = $(BUILD)/libpinshim-compile.so
COMMAND = $(BUILD)/pinshim
SAMPLES = $(patsubst samples/%.c,$(BUILD)/samples/%,$(wildcard samples/*.c))
UNITS = $(patsubst tests/unit/%.c,$(BUILD)/tests/unit/%,$(wildcard tests/unit/test_*.c))
CLIENTS = $(patsubst tests/clients/%.c,$(BUILD)/tests/clients/%,$(wildcard tests/clients/*.c))
CLIENTS += $(patsubst tests/clients/%/,$(BUILD)/tests/clients/%,$(dir $(wildcard tests/clients/*/main.c))) $(BUILD)/tests/clients/kit.so
BENCHES = $(patsubst bench/%.c,$(BUILD)/bench/%,$(wildcard bench/*.c))

.PHONY: all help deps build demo check units e2e matrix compat lint format sanitize tsan valgrind bench install uninstall clean
all: deps
	@$(MAKE) --no-print-directory build

help: ## this list
	@sed -n 's/^\([a-z]*\):.*## /\1: /p' $(firstword $(MAKEFILE_LIST))

deps: ## install what is missing to build, demonstrate and test (Debian packages; root or sudo)
	@packaging/deps.sh

build: $(LIBRARY) $(COMPILER) $(COMMAND) $(SAMPLES) ## the library and the command, without installing anything

demo: all ## a man in the middle against curl, python3, openssl, wget and git, with and without the shim
	@samples/demo.sh $(BUILD)

check: all ## unit and end-to-end tests, then both once more under the sanitizers, and what threads share under its own
	@$(MAKE) --no-print-directory units e2e
	@$(MAKE) --no-print-directory tsan sanitize

units: $(UNITS) build
	@failed=0; for t in $(UNITS); do PINSHIM_BUILD=$(BUILD) $$t || failed=1; done; exit $$failed

e2e: build $(CLIENTS)
	@PINSHIM_BUILD=$(abspath $(BUILD)) $(PYTEST) $(TESTS)

matrix: build $(CLIENTS) ## the attack matrix alone, with its table; PINSHIM_MATRIX=full for every triple
	@PINSHIM_BUILD=$(abspath $(BUILD)) PINSHIM_MATRIX_TABLE=1 $(PYTEST) tests/e2e/test_matrix.py

sanitize: ## unit and end-to-end tests under AddressSanitizer and UndefinedBehaviorSanitizer
	@$(MAKE) --no-print-directory BUILD=build/sanitize HARDENING= \
	    OPTIMISE='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=all -fno-omit-frame-pointer' \
	    TESTS='$(SANITIZED)' units e2e

THREADED = $(patsubst %,build/tsan/tests/unit/test_%,registry lookups policy_in_force process_status)
tsan: ## what threads share, under ThreadSanitizer
	@$(MAKE) --no-print-directory -j 2 BUILD=build/tsan HARDENING= OPTIMISE='-O1 -g -fsanitize=thread' $(THREADED)
	@for t in $(THREADED); do TSAN_OPTIONS=die_after_fork=0:halt_on_error=1 $$t || exit 1; done

valgrind: $(UNITS) build $(CLIENTS) ## unit tests and a selection of handshakes under memcheck (minutes)
	@for t in $(UNITS); do PINSHIM_BUILD=$(BUILD) CK_TIMEOUT_MULTIPLIER=20 valgrind -q --error-exitcode=9 $$t || exit 1; done
	@PINSHIM_BUILD=$(abspath $(BUILD)) $(PYTEST) tests/e2e/test_memcheck.py

compat: all ## other projects' TLS tests, which the shim must not change: docs/compatibility.md (half an hour)
	@packaging/deps.sh dpkg-dev
	@/usr/bin/python3 tests/compat/compat.py $(BUILD)

lint: deps ## formatting, clang-tidy, cppcheck, shellcheck, and the build with clang
	@tests/lint.sh

format: ## rewrite the sources as .clang-format says
	@git ls-files '*.[ch]' | xargs clang-format -i

bench: all $(BENCHES) $(CLIENTS) ## the numbers of docs/performance.md, against an empty preload
	@bench/run.sh $(BUILD)

# The hooks, their export list and their originals all come from hooks/hooks.def.
$(BUILD)/exports.map: hooks/exports.map.in hooks/hooks.def
	@mkdir -p $(@D)
	$(CC) -E -P -xc -I. $< -o $@

$(LIBRARY): $(call objects,$(SHIM_SOURCES)) $(BUILD)/exports.map
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -nostartfiles -Wl,-Bsymbolic -Wl,--version-script=$(BUILD)/exports.map \
	    -Wl,--hash-style=gnu -Wl,--gc-sections $(filter %.o,$^) -l:libcdb_pic.a -o $@

# libcrypto is linked in, hidden: a process keeps the one library, or none, that it chose itself.
$(COMPILER): $(call objects,$(CONFIG_SOURCES) config/compiler/allocator.c)
	$(CC) $(CFLAGS) $(LDFLAGS) -shared -Wl,--exclude-libs,ALL -Wl,-Bsymbolic $^ \
	    $(CONFIG_LIBS) -l:libcdb_pic.a -l:libcrypto.a -ldl -lpthread -o $@

$(COMMAND): $(call objects,$(TOOL_SOURCES) $(CONFIG_SOURCES))
	$(CC) $(CFLAGS) $(LDFLAGS) -pie $^ $(COMMAND_LIBS) -o $@

$(BUILD)/obj/%.o: %.c Makefile VERSION
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

# A sanitizer's runtime asks dlsym for what it needs to begin: before that, no instrumented code can run.
$(BUILD)/obj/hooks/elf/%.o $(BUILD)/obj/shim/text.o: CFLAGS += -fno-sanitize=all

$(BUILD)/samples/%: samples/%.c
	@mkdir -p $(@D)
	$(CC) $(CFLAGS) $< -lssl -lcrypto -o $@

# A client is a file, or a folder with a main.c; it uses OpenSSL, or the library that it says here.
LIBS_gnutls = -lgnutls
LIBS_nss = -lssl3 -lsmime3 -lnss3 -lnspr4 -lplds4
.SECONDEXPANSION:
$(BUILD)/tests/clients/%: $$(wildcard tests/clients/$$*.c tests/clients/$$*/*.[ch])
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $(filter %.c,$^) $(or $(LIBS_$*),-lssl -lcrypto) -lpthread -ldl -o $@

# The kit as a plugin.
$(BUILD)/tests/clients/%.so: $$(wildcard tests/clients/$$*/*.[ch])
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -fvisibility=default -shared $(filter %.c,$^) -lssl -lcrypto -lpthread -o $@

$(BUILD)/bench/%: bench/%.c $(call objects,$(CONFIG_SOURCES))
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(filter %.c %.o,$^) $(COMMAND_LIBS) $(LIBS_$*) -lpthread -o $@

# A unit test links what it tests from the tree, hooks apart: those it loads as a program would.
$(BUILD)/tests/unit/%: tests/unit/%.c $(call objects,$(sort $(CONFIG_SOURCES) $(wildcard shim/*.c) $(filter-out tools/main.c,$(TOOL_SOURCES))))
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(filter %.c %.o,$^) -lcheck -lsubunit $(COMMAND_LIBS) -lm -lrt -lpthread -o $@

install: build ## into PREFIX (/usr/local), DESTDIR honoured
	install -d $(DESTDIR)$(PREFIX)/bin $(DESTDIR)$(LIBDIR) $(DESTDIR)$(PREFIX)/share/man/man1
	install -m 755 $(COMMAND) $(DESTDIR)$(PREFIX)/bin/pinshim
	install -m 644 $(LIBRARY) $(COMPILER) $(DESTDIR)$(LIBDIR)/
	install -m 644 docs/man/pinshim.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -d $(DESTDIR)/etc/pinshim/persona.d $(DESTDIR)/var/lib/pinshim

uninstall: ## what install put there; the policies stay
	@[ -n "$(DESTDIR)" ] || [ ! -x $(PREFIX)/bin/pinshim ] || $(PREFIX)/bin/pinshim remove-preload
	rm -f $(DESTDIR)$(PREFIX)/bin/pinshim $(DESTDIR)$(PREFIX)/share/man/man1/pinshim.1
	rm -rf $(DESTDIR)$(LIBDIR)

clean: ## everything built
	rm -rf build

-include $(shell find $(BUILD) -name compat -prune -o -name '*.d' -print 2>/dev/null)
