# The library for macOS, cross-built: Debian's clang, lld and llvm, with macOS's headers and the stub of libSystem that
# npm's zig carries, and the headers of Debian's TLS libraries, which are the same everywhere.

MACOS = $(BUILD)/macos
MACOS_OLDEST = 11.0
MACOS_ZIG = build/zig
MACOS_HEADERS = $(MACOS_ZIG)/lib/libc/include
MACOS_SOURCES = $(addprefix config/,pin.c spki.c name.c rule.c image.c watch.c map_macos.c file_facts_macos.c cdb_macos.c) \
    $(filter-out %_linux.c,$(wildcard shim/*.c)) \
    $(filter-out hooks/elf/% hooks/macho/machine_%,$(wildcard hooks/*.c hooks/*/*.c))
MACOS_FLAGS = -nostdlibinc $(patsubst %,-isystem $(MACOS)/include/%,. nss nspr) \
    -isystem $(MACOS_HEADERS)/any-macos.11-any -isystem $(MACOS_HEADERS)/any-macos-any -I. -include hooks/macho/label.h \
    -DPINSHIM_VERSION='"$(VERSION)"' -DAGENT_FOLDER='"/var/run/pinshim"' \
    -DPOLICY_INSTALLED='"/Library/Application Support/pinshim/policy.cdb"' \
    -std=gnu11 -O2 $(WARNINGS) -fstack-protector-strong -D_FORTIFY_SOURCE=2 -fvisibility=hidden -MMD -MP

.PHONY: macos
macos: ## libpinshim.dylib for macOS, arm64 and x86_64, cross-built; its structure is checked
	@if packaging/zig.sh $(MACOS_ZIG); then \
	    packaging/deps.sh clang lld-14 llvm-14 && \
	    $(MAKE) --no-print-directory $(MACOS)/libpinshim.dylib && \
	    PINSHIM_BUILD=$(abspath $(BUILD)) /usr/bin/python3 -m pytest -q tests/e2e/test_macos.py && \
	    $(MAKE) --no-print-directory macos-loaded; \
	else echo "macos: SKIPPED: without macOS's headers nothing is built or checked"; fi

$(MACOS)/libpinshim.dylib: $(MACOS)/arm64/libpinshim.dylib $(MACOS)/x86_64/libpinshim.dylib
	llvm-lipo-14 -create $^ -output $@

# lld signs both ad hoc, which arm64 asks of all code.
$(MACOS)/%/libpinshim.dylib: $(MACOS)/absent
	ld64.lld-14 -dylib -arch $* -platform_version macos $(MACOS_OLDEST) $(MACOS_OLDEST) -adhoc_codesign -dead_strip -S \
	    -install_name @rpath/libpinshim.dylib -unexported_symbol '_pinshim_*' -fatal_warnings \
	    @$(MACOS)/absent $(filter %.o,$^) $(MACOS_ZIG)/lib/libc/darwin/libSystem.11.tbd -o $@

$(MACOS)/absent: hooks/macho/absent.in hooks/hooks.def
	@mkdir -p $(@D)
	clang -E -P -xc -I. $< -o $@

$(MACOS)/include: /usr/include/openssl/ssl.h
	@mkdir -p $@/openssl
	cp $(dir $<)*.h /usr/include/$(MULTIARCH)/openssl/*.h $@/openssl/
	cp -r $(addprefix /usr/include/,gnutls nss nspr cdb.h) $@/

# ARCHITECTURE, as zig calls it
define macos_slice
$(MACOS)/$(1)/libpinshim.dylib: $(patsubst %.c,$(MACOS)/$(1)/%.o,$(MACOS_SOURCES) hooks/macho/machine_$(1).c)
$(MACOS)/$(1)/%.o: %.c packaging/macos.mk VERSION | $(MACOS)/include
	@mkdir -p $$(@D)
	clang -target $(1)-apple-macos$(MACOS_OLDEST) -isystem $(MACOS_HEADERS)/$(2)-macos.11-none $$(MACOS_FLAGS) -c $$< -o $$@
endef
$(eval $(call macos_slice,arm64,aarch64))
$(eval $(call macos_slice,x86_64,x86_64))

include tests/macos/loader.mk
