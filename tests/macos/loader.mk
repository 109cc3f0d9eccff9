# What runs macOS's library on Linux: the loader, and programs for it, built as the library is. The libraries that they
# are linked to are stubs of this machine's.

MACOS_LOADER = $(MACOS)/loader
MACOS_PROGRAMS = $(addprefix $(MACOS_LOADER)/,kit)
MACOS_STUBS = $(patsubst %,$(MACOS_LOADER)/%.tbd,libssl.3 libcrypto.3)
MACOS_CLANG = clang -target x86_64-apple-macos$(MACOS_OLDEST) -isystem $(MACOS_HEADERS)/x86_64-macos.11-none $(MACOS_FLAGS)
MACOS_LINK = ld64.lld-14 -arch x86_64 -platform_version macos $(MACOS_OLDEST) $(MACOS_OLDEST) -fatal_warnings \
    $(MACOS_ZIG)/lib/libc/darwin/libSystem.11.tbd

.PHONY: macos-loaded
macos-loaded: $(MACOS_LOADER)/loader $(MACOS_PROGRAMS)

$(MACOS_LOADER)/loader: $(wildcard tests/macos/loader/*.[ch]) tests/macos/loader.mk
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) -std=gnu11 -O1 -g $(WARNINGS) $(filter %.c,$^) -o $@

$(MACOS_LOADER)/%.tbd: tests/macos/stub.sh
	@mkdir -p $(@D)
	tests/macos/stub.sh $*.dylib /usr/lib/$(MULTIARCH)/$(basename $*).so$(suffix $*) > $@

$(MACOS_LOADER)/obj/%.o: %.c packaging/macos.mk tests/macos/loader.mk | $(MACOS)/include
	@mkdir -p $(@D)
	$(MACOS_CLANG) -fvisibility=default -c $< -o $@

macos_objects = $(patsubst %.c,$(MACOS_LOADER)/obj/%.o,$(1))
.SECONDARY: $(call macos_objects,$(wildcard tests/clients/*/*.c tests/macos/programs/*.c))
.SECONDEXPANSION:
$(MACOS_LOADER)/%: $$(call macos_objects,$$(wildcard tests/clients/$$*/*.c)) $(MACOS_STUBS)
	$(MACOS_LINK) $^ -o $@
