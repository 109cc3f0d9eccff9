# pinshim: certificate pinning for unmodified programs. `make help` lists the targets.

CC = gcc
PREFIX ?= /usr/local
LIBDIR ?= $(PREFIX)/lib/$(MULTIARCH)/pinshim
BUILD ?= build
WARNINGS = -Wall -Wextra -Werror -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wvla -Wundef
HARDENING = -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fstack-clash-protection $(BRANCHES_$(MACHINE))
BRANCHES_x86_64 = -fcf-protection
BRANCHES_i386 = -fcf-protection -Wno-psabi # 64-bit atomics are aligned since GCC 11: told at each
BRANCHES_aarch64 = -mbranch-protection=standard
# Files and times as wide as everywhere; each library would have other names for it where they are so anyway.
WIDTHS_i386 = -D_FILE_OFFSET_BITS=64 -D_TIME_BITS=64
OPTIMISE ?= -O2 -g
CPPFLAGS += -I. -I$(BUILD) $(addprefix -isystem $(SYSROOT)/usr/include/,nss nspr) -D_GNU_SOURCE $(WIDTHS_$(MACHINE)) \
    -DPINSHIM_VERSION='"$(VERSION)"' -DMULTIARCH='"$(MULTIARCH)"'
CFLAGS += -std=gnu11 $(OPTIMISE) $(WARNINGS) $(HARDENING) -fPIC -fvisibility=hidden -ffunction-sections
LDFLAGS += -Wl,-z,relro,-z,now,-z,noexecstack,-z,defs -Wl,--as-needed
VERSION := $(shell cat VERSION)
MULTIARCH := $(shell $(CC) -print-multiarch)
MACHINE := $(patsubst i686,i386,$(firstword $(subst -, ,$(shell $(CC) -dumpmachine))))

# What a process under the shim carries: libc, the cdb reader, nothing else.
SHIM_SOURCES = $(addprefix config/,pin.c spki.c name.c rule.c image.c map_linux.c file_facts.c file_status_linux.c watch.c) $(PROCESS_SOURCES) \
    $(filter-out hooks/elf/machine_% hooks/macho/%,$(wildcard hooks/*.c hooks/*/*.c)) hooks/elf/machine_$(MACHINE).c
PROCESS_SOURCES = $(filter-out %_macos.c,$(wildcard shim/*.c))
CONFIG_SOURCES = $(filter-out %_macos.c,$(wildcard config/*.c))
INSTALL_SOURCES = $(wildcard bundle/*.c config/install/*.c)
TOOL_SOURCES = $(filter-out tools/trap_% %_macos.c,$(wildcard tools/*.c)) tools/trap_$(MACHINE).c $(INSTALL_SOURCES) \
    $(addprefix shim/,verdict.c trial.c anchors.c personas.c local_proxy_linux.c system.c system_linux.c \
    address.c text.c) $(addprefix hooks/openssl/,evidence.c key_encoding.c own_path.c)
AGENT_SOURCES = $(filter-out %_macos.c,$(wildcard agent/*.c)) $(INSTALL_SOURCES) \
    $(addprefix tools/,report.c options.c preload.c preload_linux.c preload_file.c second_library.c) \
    $(addprefix shim/,system.c system_linux.c address.c text.c)
CONFIG_LIBS = -lconfig -lidn2 -lpsl -lunistring
COMMAND_LIBS = $(CONFIG_LIBS) -lcdb -ljansson -lssl -lcrypto
objects = $(patsubst %.c,$(BUILD)/obj/%.o,$(1))

LIBRARY = $(BUILD)/libpinshim.so
COMPILER = $(BUILD)/libpinshim-compile.so
COMMAND = $(BUILD)/pinshim
AGENT = $(BUILD)/pinshim-agent
MANPAGES = $(patsubst docs/man/%.scd,$(BUILD)/man/%,$(wildcard docs/man/*.scd))
SAMPLES = $(patsubst samples/%.c,$(BUILD)/samples/%,$(wildcard samples/*.c))
BENCHES = $(patsubst bench/%.c,$(BUILD)/bench/%,$(wildcard bench/*.c))

CHECKS = units e2e sanitize macos tsan fuzz-corpus
.PHONY: all help deps build demo recording check $(CHECKS:%=check-%) format bench install install-i386 uninstall clean
all: deps
	@$(MAKE) $(call jobs,$(PROCESSORS)) build

include tests/tests.mk
include tests/assurance.mk
include packaging/macos.mk
include packaging/packages.mk
PRODUCTS ?= $(LIBRARY) $(COMPILER) $(COMMAND) $(AGENT) $(MANPAGES) $(SAMPLES)

help: ## this list
	@sed -n 's/^\([a-z0-9-]*\):.*## /\1: /p' Makefile tests/tests.mk tests/assurance.mk packaging/*.mk

deps: ## install what is missing to build, demonstrate and test (Debian packages; root or sudo)
	@packaging/deps.sh

build: $(PRODUCTS) ## the library, the command and the agent, without installing anything

demo: all ## a man in the middle against curl, python3, openssl, wget and git, with and without the shim
	@samples/demo.sh $(BUILD)

recording: build ## docs/images/demo.svg, from a run of the demonstration
	@packaging/deps.sh python3-pyte
	@/usr/bin/python3 docs/images/record.py 112 docs/images/demo.svg samples/demo.sh $(BUILD) curl wget

check: all ## unit and end-to-end tests, then both once more under the sanitizers, and what threads share under its own; macOS's library
	@$(MAKE) $(call jobs,$(PROCESSORS)) built
	@! packaging/zig.sh $(MACOS_ZIG) || packaging/deps.sh $(MACOS_PACKAGES)
	@rm -rf $(BUILD)/check
	@$(MAKE) -k $(call jobs,$(shell expr $(PROCESSORS) + 1)) $(CHECKS:%=check-%) || \
	    { echo "check: failed: $(BUILD)/check:" $$(cd $(BUILD)/check && echo *.failed) >&2; exit 1; }

# Beside one another, one more than there are processors, for much is waited for. Each one's output is told once it ends.
$(CHECKS:%=check-%): check-%:
	@echo "check: $* begins: $(BUILD)/check/$*.log"
	@mkdir -p $(BUILD)/check && { $(MAKE) -S $* > $(BUILD)/check/$*.log 2>&1 || mv $(BUILD)/check/$*.log $(BUILD)/check/$*.failed; }
	@cat $(BUILD)/check/$*.*
	@if [ -e $(BUILD)/check/$*.failed ]; then echo "check: $* FAILED" >&2; exit 1; else echo "check: $*: fine"; fi

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

$(AGENT): $(call objects,$(AGENT_SOURCES) $(CONFIG_SOURCES))
	$(CC) $(CFLAGS) $(LDFLAGS) -pie $^ $(COMMAND_LIBS) -lcurl -o $@

$(BUILD)/obj/%.o: %.c Makefile VERSION
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP -c $< -o $@

# A sanitizer's runtime asks dlsym for what it needs to begin: before that, no instrumented code can run.
$(BUILD)/obj/hooks/elf/%.o $(BUILD)/obj/hooks/platform.o $(BUILD)/obj/shim/text.o: CFLAGS += -fno-sanitize=all

$(BUILD)/man/%: docs/man/%.scd
	@mkdir -p $(@D)
	scdoc < $< > $@.new && mv $@.new $@

$(BUILD)/samples/%: samples/%.c
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) $< $(or $(LIBS_$*),-lssl -lcrypto) -o $@

$(BUILD)/bench/%: bench/%.c $(call objects,$(CONFIG_SOURCES))
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(CFLAGS) -MMD -MP $(filter %.c %.o,$^) $(COMMAND_LIBS) $(LIBS_$*) -lpthread -o $@

EXAMPLES = $(filter-out samples/demo.sh,$(patsubst ./%,%,$(shell find samples -type f)))
INSTALL_PLACES = bin/pinshim sbin/pinshim-agent $(foreach page,$(notdir $(MANPAGES)),share/man/man$(patsubst .%,%,$(suffix $(page)))/$(page)) \
    lib/systemd/system/pinshim-agent.service lib/sysusers.d/pinshim.conf lib/tmpfiles.d/pinshim.conf \
    share/bash-completion/completions/pinshim share/zsh/vendor-completions/_pinshim share/fish/vendor_completions.d/pinshim.fish
APPARMOR_PROFILE = $(DESTDIR)/etc/apparmor.d/usr.sbin.pinshim-agent
# Each in one step: a program that starts meanwhile has the old one or the new one.
install_libraries = for file in $(1); do \
    install -m 644 $$file $(2)/.$${file\#\#*/} && mv -f $(2)/.$${file\#\#*/} $(2)/$${file\#\#*/} || exit 1; done
install: build ## into PREFIX (/usr/local), DESTDIR honoured
	install -D -m 755 $(COMMAND) $(DESTDIR)$(PREFIX)/bin/pinshim
	install -D -m 755 $(AGENT) $(DESTDIR)$(PREFIX)/sbin/pinshim-agent
	install -d $(DESTDIR)$(LIBDIR)
	$(call install_libraries,$(LIBRARY) $(COMPILER),$(DESTDIR)$(LIBDIR))
	$(foreach page,$(MANPAGES),install -D -m 644 $(page) -t $(DESTDIR)$(PREFIX)/share/man/man$(patsubst .%,%,$(suffix $(page))) &&) :
	install -D -m 644 packaging/systemd/pinshim-agent.service -t $(DESTDIR)$(PREFIX)/lib/systemd/system
	install -D -m 644 packaging/systemd/pinshim-sysusers.conf $(DESTDIR)$(PREFIX)/lib/sysusers.d/pinshim.conf
	install -D -m 644 packaging/systemd/pinshim-tmpfiles.conf $(DESTDIR)$(PREFIX)/lib/tmpfiles.d/pinshim.conf
	install -D -m 644 packaging/completions/pinshim.bash $(DESTDIR)$(PREFIX)/share/bash-completion/completions/pinshim
	install -D -m 644 packaging/completions/_pinshim -t $(DESTDIR)$(PREFIX)/share/zsh/vendor-completions
	install -D -m 644 packaging/completions/pinshim.fish -t $(DESTDIR)$(PREFIX)/share/fish/vendor_completions.d
	[ $(PREFIX) != /usr ] || install -D -m 644 packaging/apparmor/usr.sbin.pinshim-agent $(APPARMOR_PROFILE)
	for file in $(EXAMPLES); do \
	    install -D -m 644 $$file $(DESTDIR)$(PREFIX)/share/doc/pinshim/examples/$${file#samples/} || exit 1; done
	cd $(DESTDIR)$(PREFIX)/share/doc/pinshim/examples && sed -i 's,/usr/local/lib/x86_64-linux-gnu/pinshim,$(LIBDIR),' */*.conf
	install -d $(DESTDIR)/etc/pinshim/persona.d $(DESTDIR)/var/lib/pinshim
	[ -n "$(DESTDIR)" ] || packaging/renew-image.sh $(PREFIX)

# The library alone: the command of this machine's own size serves both. lib32 is where amd64's own 32-bit loader looks.
SECOND_LIBDIR = $(PREFIX)/lib/i386-linux-gnu/pinshim
install-i386: i386-root ## beside it, the library for 32-bit programs on amd64, cross-built
	@$(MAKE) --no-print-directory $(I386) build/i386/libpinshim.so build/i386/libpinshim-compile.so
	install -d $(DESTDIR)$(SECOND_LIBDIR) $(DESTDIR)$(PREFIX)/lib32
	$(call install_libraries,$(addprefix build/i386/,libpinshim.so libpinshim-compile.so),$(DESTDIR)$(SECOND_LIBDIR))
	ln -sfn ../lib/i386-linux-gnu/pinshim $(DESTDIR)$(PREFIX)/lib32/pinshim

uninstall: ## what install put there; the policies stay
	@[ -n "$(DESTDIR)" ] || [ ! -x $(PREFIX)/bin/pinshim ] || $(PREFIX)/bin/pinshim remove-preload
	rm -f $(addprefix $(DESTDIR)$(PREFIX)/,$(INSTALL_PLACES))
	[ $(PREFIX) != /usr ] || rm -f $(APPARMOR_PROFILE)
	rm -rf $(DESTDIR)$(LIBDIR) $(DESTDIR)$(SECOND_LIBDIR) $(DESTDIR)$(PREFIX)/lib32/pinshim $(DESTDIR)$(PREFIX)/share/doc/pinshim

clean: ## everything built
	rm -rf build

-include $(shell find $(BUILD) \( -name compat -o -name root \) -prune -o -name '*.d' -print 2>/dev/null)
