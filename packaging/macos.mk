# The products for macOS. On a Mac this is what `make` builds, with Apple's tools and Homebrew's libraries. Elsewhere
# `make macos` cross-builds the same files by Debian's clang, lld and llvm, with macOS's headers and the stub of libSystem
# that npm's zig carries, the headers of Debian's libraries, and stubs of those made from their exports.

MACOS = $(BUILD)/macos
MACOS_OLDEST = 11.0
MACOS_PRODUCTS = $(addprefix $(MACOS)/,libpinshim.dylib libpinshim-compile.dylib pinshim pinshim-agent)
MACOS_CDB = config/cdb_macos.c
MACOS_LIBRARY_SOURCES = $(addprefix config/,pin.c spki.c name.c rule.c image.c watch.c map_macos.c file_facts.c file_status_macos.c) \
    $(MACOS_CDB) $(filter-out %_linux.c,$(wildcard shim/*.c)) \
    $(filter-out hooks/elf/% hooks/macho/machine_%,$(wildcard hooks/*.c hooks/*/*.c))
MACOS_CONFIG_SOURCES = $(filter-out %_linux.c,$(wildcard config/*.c))
# What looks at ELF files, at other processes and at the loader's list for all programs is Linux's alone.
MACOS_NOT_THERE = $(patsubst %,tools/%.c,builtin_tls elf_file install_preload installed_programs loader_cache mapped_file \
    mapping preload_file process process_list process_view protection published published_text status auxiliary_vector \
    elf_record second_library trap trap_%)
MACOS_COMMAND_SOURCES = $(MACOS_CONFIG_SOURCES) $(filter-out %_linux.c $(MACOS_NOT_THERE),$(wildcard tools/*.c)) \
    $(INSTALL_SOURCES) $(addprefix shim/,verdict.c trial.c anchors.c personas.c local_proxy_macos.c system.c system_macos.c \
    address.c text.c) $(addprefix hooks/openssl/,evidence.c key_encoding.c own_path.c)
MACOS_AGENT_SOURCES = $(MACOS_CONFIG_SOURCES) $(filter-out %_linux.c,$(wildcard agent/*.c)) $(INSTALL_SOURCES) \
    $(addprefix tools/,report.c options.c preload.c preload_macos.c) \
    $(addprefix shim/,system.c system_macos.c address.c text.c)
MACOS_FLAGS = $(MACOS_HEADERS) -isystem config/macos -I. $(if $(filter tools/% agent/%,$<),,-include hooks/macho/label.h) -include config/libc_macos.h \
    -DPINSHIM_VERSION='"$(VERSION)"' -DAGENT_FOLDER='"/var/run/pinshim"' \
    -DAGENT_STATE_FOLDER='"/Library/Application Support/pinshim"' \
    -DPOLICY_INSTALLED='"/Library/Application Support/pinshim/policy.cdb"' \
    -std=gnu11 -O2 $(WARNINGS) -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fvisibility=hidden -MMD -MP

# Of each library: its formula, its file there, and, after -l, what links it.
MACOS_LIBRARIES = libconfig:libconfig.dylib:config libidn2:libidn2.0.dylib:idn2 libpsl:libpsl.5.dylib:psl \
    libunistring:libunistring.dylib:unistring jansson:libjansson.4.dylib:jansson openssl@3:libssl.3.dylib:ssl \
    openssl@3:libcrypto.3.dylib:crypto curl:libcurl.4.dylib:curl
part = $(word $(1),$(subst :, ,$(2)))
macos_libraries = $(foreach l,$(MACOS_LIBRARIES),$(if $(filter $(call part,3,$(l)),$(1)),$(l)))
MACOS_COMPILER_LIBRARIES = config idn2 psl unistring
MACOS_COMMAND_LIBRARIES = $(MACOS_COMPILER_LIBRARIES) jansson ssl crypto
MACOS_AGENT_LIBRARIES = $(MACOS_COMPILER_LIBRARIES) jansson crypto curl

ifeq ($(shell uname -s),Darwin)
MACOS_ARCHITECTURES = $(shell uname -m)
HOMEBREW_PREFIX ?= $(shell brew --prefix)
MACOS_OPT = $(HOMEBREW_PREFIX)/opt
MACOS_HEADERS = $(patsubst %,-isystem $(MACOS_OPT)/%/include,libconfig libidn2 libpsl libunistring jansson openssl@3 curl uthash gnutls) \
    -isystem $(MACOS_OPT)/nss/include/nss -isystem $(MACOS_OPT)/nspr/include/nspr
MACOS_LD = ld
MACOS_LIPO = lipo
MACOS_SYSTEM = -syslibroot $(shell xcrun --show-sdk-path) -lSystem
macos_link = $(foreach l,$(call macos_libraries,$(2)),-L$(MACOS_OPT)/$(call part,1,$(l))/lib -l$(call part,3,$(l)))
# Hidden in it, so that no process gets to see another libcrypto.
macos_crypto = -load_hidden $(MACOS_OPT)/openssl@3/lib/libcrypto.a
PRODUCTS = $(MACOS_PRODUCTS)
else
MACOS_ARCHITECTURES = arm64 x86_64
MACOS_ZIG = build/zig
MACOS_PACKAGES = clang lld-14 llvm-14
MACOS_ZIG_HEADERS = $(MACOS_ZIG)/lib/libc/include
MACOS_HEADERS = -nostdlibinc -isystem $(MACOS_ZIG_HEADERS)/$(MACOS_ARCHITECTURE)-macos.11-none \
    $(patsubst %,-isystem $(MACOS)/include/%,. nss nspr) \
    -isystem $(MACOS_ZIG_HEADERS)/any-macos.11-any -isystem $(MACOS_ZIG_HEADERS)/any-macos-any
MACOS_LD = ld64.lld-14 -fatal_warnings
MACOS_LIPO = llvm-lipo-14
MACOS_SYSTEM = $(MACOS_ZIG)/lib/libc/darwin/libSystem.11.tbd
MACOS_BREW_arm64 = /opt/homebrew
MACOS_BREW_x86_64 = /usr/local
macos_link = $(foreach l,$(call macos_libraries,$(2)),$(MACOS)/$(1)/stubs/lib$(call part,3,$(l)).tbd)
macos_crypto = $(MACOS)/$(1)/stubs/libcrypto.tbd
endif

.PHONY: macos macos-build install-macos
macos: ## the library, the compiler of text policies, the command and the agent for macOS, cross-built; their structure is checked
	@if packaging/zig.sh $(MACOS_ZIG); then \
	    packaging/deps.sh $(MACOS_PACKAGES) && \
	    $(MAKE) $(call jobs,$(PROCESSORS)) macos-build && \
	    PINSHIM_BUILD=$(abspath $(BUILD)) /usr/bin/python3 -m pytest -q tests/e2e/test_macos.py tests/e2e/test_macos_command.py && \
	    $(MAKE) $(call jobs,$(PROCESSORS)) macos-loaded; \
	else echo "macos: SKIPPED: without macOS's headers nothing is built or checked"; fi

macos-build: $(MACOS_PRODUCTS)

install-macos: build $(BUILD)/man/pinshim.1 $(BUILD)/man/pinshim-agent.8 ## on a Mac: into PREFIX (/usr/local), DESTDIR honoured
	install -d $(addprefix $(DESTDIR)$(PREFIX)/,bin sbin lib/pinshim share/man/man1 share/man/man8 share/pinshim)
	install -m 755 $(MACOS)/pinshim $(DESTDIR)$(PREFIX)/bin/
	install -m 755 $(MACOS)/pinshim-agent $(DESTDIR)$(PREFIX)/sbin/
	install -m 644 $(MACOS)/libpinshim.dylib $(MACOS)/libpinshim-compile.dylib $(DESTDIR)$(PREFIX)/lib/pinshim/
	install -m 644 $(BUILD)/man/pinshim.1 $(DESTDIR)$(PREFIX)/share/man/man1/
	install -m 644 $(BUILD)/man/pinshim-agent.8 $(DESTDIR)$(PREFIX)/share/man/man8/
	sed 's,/usr/local,$(PREFIX),' packaging/launchd/pinshim-agent.plist > $(DESTDIR)$(PREFIX)/share/pinshim/pinshim-agent.plist

$(MACOS_PRODUCTS): $(MACOS)/%: $(foreach a,$(MACOS_ARCHITECTURES),$(MACOS)/$(a)/%)
	$(MACOS_LIPO) -create $^ -output $@

$(MACOS)/absent: hooks/macho/absent.in hooks/hooks.def
	@mkdir -p $(@D)
	clang -E -P -xc -I. $< -o $@

ifneq ($(shell uname -s),Darwin)
$(MACOS)/include: /usr/include/openssl/ssl.h packaging/macos.mk
	@rm -rf $@ && mkdir -p $@/openssl
	cp $(dir $<)*.h /usr/include/$(MULTIARCH)/openssl/*.h $@/openssl/
	cp -r $(addprefix /usr/include/,gnutls nss nspr unistring $(addsuffix .h,libconfig idn2 libpsl jansson uthash unistr unitypes)) $@/
	cp $(firstword $(wildcard /usr/include/jansson_config.h /usr/include/$(MULTIARCH)/jansson_config.h)) $@/
	cp -r $(firstword $(wildcard /usr/include/$(MULTIARCH)/curl /usr/include/curl)) $@/
MACOS_READY = $(MACOS)/include
endif

# The linker signs ad hoc, which arm64 asks of all code.
macos_ld = $(MACOS_LD) -arch $(1) -platform_version macos $(MACOS_OLDEST) $(MACOS_OLDEST) -adhoc_codesign -dead_strip -S

# ARCHITECTURE, as zig calls it
define macos_slice
$(MACOS)/$(1)/libpinshim.dylib: $(patsubst %.c,$(MACOS)/$(1)/%.o,$(MACOS_LIBRARY_SOURCES) hooks/macho/machine_$(1).c) $(MACOS)/absent
	$(call macos_ld,$(1)) -dylib -install_name @rpath/libpinshim.dylib -unexported_symbol '_pinshim_*' \
	    @$(MACOS)/absent $$(filter %.o,$$^) $(MACOS_SYSTEM) -o $$@
$(MACOS)/$(1)/libpinshim-compile.dylib: $(patsubst %.c,$(MACOS)/$(1)/%.o,$(MACOS_CONFIG_SOURCES)) $(MACOS)/$(1)/stubs
	$(call macos_ld,$(1)) -dylib -install_name @rpath/libpinshim-compile.dylib $$(filter %.o,$$^) \
	    $(call macos_link,$(1),$(MACOS_COMPILER_LIBRARIES)) $(call macos_crypto,$(1)) $(MACOS_SYSTEM) -o $$@
$(MACOS)/$(1)/pinshim: $(patsubst %.c,$(MACOS)/$(1)/%.o,$(MACOS_COMMAND_SOURCES)) $(MACOS)/$(1)/stubs
	$(call macos_ld,$(1)) $$(filter %.o,$$^) $(call macos_link,$(1),$(MACOS_COMMAND_LIBRARIES)) $(MACOS_SYSTEM) -o $$@
$(MACOS)/$(1)/pinshim-agent: $(patsubst %.c,$(MACOS)/$(1)/%.o,$(MACOS_AGENT_SOURCES)) $(MACOS)/$(1)/stubs
	$(call macos_ld,$(1)) $$(filter %.o,$$^) $(call macos_link,$(1),$(MACOS_AGENT_LIBRARIES)) $(MACOS_SYSTEM) -o $$@
$(MACOS)/$(1)/%.o: MACOS_ARCHITECTURE = $(2)
$(MACOS)/$(1)/%.o: %.c packaging/macos.mk VERSION | $(MACOS_READY)
	@mkdir -p $$(@D)
	clang -target $(1)-apple-macos$(MACOS_OLDEST) $$(MACOS_FLAGS) -c $$< -o $$@
$(MACOS)/$(1)/stubs: packaging/stub.sh packaging/macos.mk
	@mkdir -p $$@
	$(if $(MACOS_BREW_$(1)),$(foreach l,$(MACOS_LIBRARIES),packaging/stub.sh /usr/lib/$(MULTIARCH)/lib$(call part,3,$(l)).so \
	    $(MACOS_BREW_$(1))/opt/$(call part,1,$(l))/lib/$(call part,2,$(l)) $(1) > $$@/lib$(call part,3,$(l)).tbd &&) true)
	@touch $$@
endef
$(eval $(call macos_slice,arm64,aarch64))
$(eval $(call macos_slice,x86_64,x86_64))

include tests/macos/loader.mk
