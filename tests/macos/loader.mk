# What runs macOS's library on Linux: the loader, and programs for it, built as the library is. The libraries that they
# are linked to are stubs of this machine's.

MACOS_LOADER = $(MACOS)/loader
MACOS_PROGRAMS = $(addprefix $(MACOS_LOADER)/,kit plugins kit.dylib kit-second.dylib pointers pointers.dylib \
    asking looking gnutls nss nss.dylib)
MACOS_LINK = ld64.lld-14 -arch x86_64 -platform_version macos $(MACOS_OLDEST) $(MACOS_OLDEST) -fatal_warnings \
    $(MACOS_ZIG)/lib/libc/darwin/libSystem.11.tbd
macos_objects = $(patsubst %.c,$(MACOS_LOADER)/obj/%.o,$(1))
macos_plugin = $(patsubst %.c,$(MACOS_LOADER)/obj/plugin/%.o,$(1))
MACOS_KIT = $(wildcard tests/clients/kit/*.c tests/clients/arguments/*.c)
MACOS_NSS = $(filter-out %/heap.c,$(wildcard tests/clients/nss/*.c tests/clients/arguments/*.c)) tests/macos/programs/no_heap.c
macos_stubs = $(patsubst %,$(MACOS_LOADER)/%.3.tbd,libssl$(1) libcrypto$(1))
MACOS_NSS_STUBS = $(patsubst %,$(MACOS_LOADER)/%.tbd,libssl3 libsmime3 libnss3 libplds4 libnspr4)

.PHONY: macos-loaded
macos-loaded: $(MACOS)/libpinshim.dylib $(MACOS_LOADER)/loader $(MACOS_PROGRAMS) $(BUILD)/tests/clients/server build
	@if [ "$(MACHINE)" = x86_64 ]; then \
	    PINSHIM_BUILD=$(abspath $(BUILD)) $(PYTEST) tests/e2e/test_macos_loader.py tests/e2e/test_macos_asked.py; \
	else echo "macos: SKIPPED: the loader runs on x86_64 alone"; fi

$(MACOS_LOADER)/loader: $(wildcard tests/macos/loader/*.[ch]) tests/macos/loader.mk
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=gnu11 -O1 -g $(WARNINGS) $(filter %.c,$^) -o $@

# MAJOR, as in libssl.3.dylib and libssl.so.3
define macos_stub
$(MACOS_LOADER)/%.$(1).tbd: packaging/stub.sh
	@mkdir -p $$(@D)
	packaging/stub.sh /usr/lib/$(MULTIARCH)/$$(patsubst %-second,%,$$*).so.$(1) $$*.$(1).dylib x86_64 > $$@
endef
$(MACOS_NSS_STUBS): $(MACOS_LOADER)/%.tbd: packaging/stub.sh
	@mkdir -p $(@D)
	packaging/stub.sh /usr/lib/$(MULTIARCH)/$*.so $*.dylib x86_64 > $@
$(foreach major,3 30,$(eval $(call macos_stub,$(major))))

macos_compile = clang -target x86_64-apple-macos$(MACOS_OLDEST) $(MACOS_FLAGS) -fvisibility=default \
    -include tests/macos/programs/linux_errno.h
$(MACOS_LOADER)/%: MACOS_ARCHITECTURE = x86_64
$(MACOS_LOADER)/obj/%.o: %.c packaging/macos.mk tests/macos/loader.mk | $(MACOS)/include
	@mkdir -p $(@D)
	$(macos_compile) -c $< -o $@
$(MACOS_LOADER)/obj/plugin/%.o: %.c packaging/macos.mk tests/macos/loader.mk | $(MACOS)/include
	@mkdir -p $(@D)
	$(macos_compile) -Dmain=kit_main -Wno-missing-prototypes -c $< -o $@
$(MACOS_LOADER)/obj/unlinked/%.o: %.c packaging/macos.mk tests/macos/loader.mk | $(MACOS)/include
	@mkdir -p $(@D)
	$(macos_compile) -DUNLINKED -c $< -o $@

# A program without TLS, which loads what a user names; clients; one that isn't linked to what it asks for.
$(MACOS_LOADER)/plugins: $(call macos_objects,tests/clients/plugins.c)
$(MACOS_LOADER)/kit: $(call macos_objects,$(MACOS_KIT)) $(macos_stubs)
$(MACOS_LOADER)/pointers: $(call macos_objects,tests/macos/programs/pointers.c) $(macos_stubs)
$(MACOS_LOADER)/looking: $(call macos_objects,tests/macos/programs/looking.c) $(macos_stubs)
$(MACOS_LOADER)/gnutls: $(call macos_objects,$(wildcard tests/clients/gnutls/*.c tests/clients/arguments/*.c)) $(MACOS_LOADER)/libgnutls.30.tbd
$(MACOS_LOADER)/nss: $(call macos_objects,$(MACOS_NSS)) $(MACOS_NSS_STUBS)
$(MACOS_LOADER)/asking: $(MACOS_LOADER)/obj/unlinked/tests/macos/programs/pointers.o
$(addprefix $(MACOS_LOADER)/,plugins kit pointers looking gnutls nss asking):
	$(MACOS_LINK) $^ -o $@

$(MACOS_LOADER)/kit.dylib: $(call macos_plugin,$(MACOS_KIT)) $(macos_stubs)
$(MACOS_LOADER)/kit-second.dylib: $(call macos_plugin,$(MACOS_KIT)) $(call macos_stubs,-second)
$(MACOS_LOADER)/nss.dylib: $(call macos_plugin,$(MACOS_NSS)) $(MACOS_NSS_STUBS)
$(MACOS_LOADER)/pointers.dylib: $(call macos_plugin,tests/macos/programs/pointers.c) $(macos_stubs)
$(MACOS_LOADER)/%.dylib:
	$(MACOS_LINK) -dylib -install_name $*.dylib $^ -o $@
