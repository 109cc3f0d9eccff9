/* The roots that an administrator trusts for the whole machine: trust settings of the domain "admin", which
 * take an administrator's password to change. Source: SecTrustSettings.h.
 *
 * Security.framework is loaded where it is asked, by name: what else this is linked into doesn't bring it
 * along. */
#include "config/local_roots.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>

#define FRAMEWORK "/System/Library/Frameworks/Security.framework/Security"

enum { DOMAIN_ADMIN = 1, RESULT_TRUST_ROOT = 1, RESULT_DENY = 3, RESULT_UNSPECIFIED = 4 };
enum { NO_TRUST_SETTINGS = -25263 };                 /* errSecNoTrustSettings */
enum { ENCODING_ASCII = 0x0600, NUMBER_SINT32 = 3 }; /* CFString.h, CFNumber.h */

typedef const void *reference; /* any CFTypeRef */

struct framework {
    int32_t (*SecTrustSettingsCopyCertificates)(uint32_t domain, reference *certificates);
    int32_t (*SecTrustSettingsCopyTrustSettings)(reference certificate, uint32_t domain, reference *settings);
    reference (*SecCertificateCopyData)(reference certificate);
    long (*CFArrayGetCount)(reference array);
    reference (*CFArrayGetValueAtIndex)(reference array, long index);
    reference (*CFDictionaryGetValue)(reference dictionary, reference key);
    unsigned char (*CFNumberGetValue)(reference number, long type, void *value);
    const uint8_t *(*CFDataGetBytePtr)(reference data);
    long (*CFDataGetLength)(reference data);
    reference (*CFStringCreateWithCString)(reference allocator, const char *text, uint32_t encoding);
    unsigned char (*CFEqual)(reference a, reference b);
    void (*CFRelease)(reference object);
};

const bool local_roots_trusted = true;
const char *const local_roots_folder = NULL;

/* Nothing but pointers, in this order; what CoreFoundation defines is found through what depends on it. */
static bool find(struct framework *framework)
{
    static const char *const names[] = {"SecTrustSettingsCopyCertificates",
                                        "SecTrustSettingsCopyTrustSettings",
                                        "SecCertificateCopyData",
                                        "CFArrayGetCount",
                                        "CFArrayGetValueAtIndex",
                                        "CFDictionaryGetValue",
                                        "CFNumberGetValue",
                                        "CFDataGetBytePtr",
                                        "CFDataGetLength",
                                        "CFStringCreateWithCString",
                                        "CFEqual",
                                        "CFRelease"};
    _Static_assert(sizeof names / sizeof *names == sizeof(struct framework) / sizeof(void *), "one each");
    void **functions = (void **)framework;
    void *library = dlopen(FRAMEWORK, RTLD_LAZY | RTLD_LOCAL);
    for (size_t i = 0; library && i < sizeof names / sizeof *names; i++)
        if (!(functions[i] = dlsym(library, names[i])))
            return false;
    return library;
}

/* NULL where there is none; the dictionary's own. */
static reference value_of(const struct framework *framework, reference dictionary, const char *name)
{
    const reference key = framework->CFStringCreateWithCString(NULL, name, ENCODING_ASCII);
    const reference value = key ? framework->CFDictionaryGetValue(dictionary, key) : NULL;
    if (key)
        framework->CFRelease(key);
    return value;
}

static bool equals(const struct framework *framework, reference string, const char *text)
{
    const reference other = framework->CFStringCreateWithCString(NULL, text, ENCODING_ASCII);
    const bool equal = other && framework->CFEqual(string, other);
    if (other)
        framework->CFRelease(other);
    return equal;
}

/* A setting is of TLS, or of every use; one that is bound to an application or a host name isn't taken. */
static bool is_general(const struct framework *framework, reference setting)
{
    const reference policy = value_of(framework, setting, "kSecTrustSettingsPolicy");
    const reference name = value_of(framework, setting, "kSecTrustSettingsPolicyName");
    return !value_of(framework, setting, "kSecTrustSettingsApplication") &&
           !value_of(framework, setting, "kSecTrustSettingsPolicyString") &&
           (!policy || (name && equals(framework, name, "sslServer")));
}

/* Its settings trust it as a root, and none of them denies it. None at all: "always trust". */
static bool settings_trust(const struct framework *framework, reference settings)
{
    const long count = framework->CFArrayGetCount(settings);
    bool trusted = count == 0;
    for (long i = 0; i < count; i++) {
        const reference setting = framework->CFArrayGetValueAtIndex(settings, i);
        const reference number = value_of(framework, setting, "kSecTrustSettingsResult");
        int32_t result = RESULT_TRUST_ROOT;
        if (number && !framework->CFNumberGetValue(number, NUMBER_SINT32, &result))
            result = RESULT_UNSPECIFIED;
        if (result == RESULT_DENY)
            return false;
        trusted |= result == RESULT_TRUST_ROOT && is_general(framework, setting);
    }
    return trusted;
}

static bool is_trusted(const struct framework *framework, reference certificate)
{
    reference settings = NULL;
    if (framework->SecTrustSettingsCopyTrustSettings(certificate, DOMAIN_ADMIN, &settings) != 0 || !settings)
        return false;
    const bool trusted = settings_trust(framework, settings);
    framework->CFRelease(settings);
    return trusted;
}

/* One that OpenSSL can't read is left out: nothing would verify by it. */
static void add(const struct framework *framework, reference certificate, struct certificates *roots)
{
    const reference data = framework->SecCertificateCopyData(certificate);
    if (!data)
        return;
    const long length = framework->CFDataGetLength(data);
    (void)certificates_add(roots, framework->CFDataGetBytePtr(data), length > 0 ? (size_t)length : 0);
    framework->CFRelease(data);
}

bool local_roots_read(struct certificates *roots)
{
    struct framework framework;
    reference all = NULL;
    if (!find(&framework))
        return false;
    const int32_t status = framework.SecTrustSettingsCopyCertificates(DOMAIN_ADMIN, &all);
    if (status != 0 || !all)
        return status == NO_TRUST_SETTINGS;
    const long count = framework.CFArrayGetCount(all);
    for (long i = 0; i < count; i++) {
        const reference certificate = framework.CFArrayGetValueAtIndex(all, i);
        if (is_trusted(&framework, certificate))
            add(&framework, certificate, roots);
    }
    framework.CFRelease(all);
    return true;
}
