# The sources as a tarball, and what is made of it. Included by the Makefile.

DEB_BUILD_DEPENDS = $(shell sed -n '/^Build-Depends:/,/^Standards/{s/Build-Depends://;/Standards/d;s/ (.*)//;s/debhelper-compat/debhelper/;s/,//g;p}' \
    packaging/debian/control)
PACKAGE_TESTS ?= tests/packages

.PHONY: dist deb packages-check
dist: ## build/dist/pinshim-VERSION.tar.gz, the same bytes whenever it is made
	@packaging/dist.sh $(BUILD)/dist

deb: ## Debian packages in build/deb; DEB_VERSION=..., MAINTAINER='Name <address>', HOMEPAGE=... for ones of one's own
	@packaging/deps.sh gcc make dpkg-dev $(DEB_BUILD_DEPENDS)
	@rm -rf $(BUILD)/deb
	@packaging/deb.sh $(BUILD)/deb $(DEB_VERSION)

packages-check: all deb ## the packages, built twice and in an empty Debian root: installed, upgraded, purged (minutes)
	@packaging/deps.sh lintian mmdebstrap rpm apparmor zsh fish buildah
	@PINSHIM_BUILD=$(abspath $(BUILD)) /usr/bin/python3 -m pytest -q $(PACKAGE_TESTS) tests/e2e/test_completions.py
