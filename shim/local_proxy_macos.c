/* The proxies of the network settings, which an administrator alone may change, as SystemConfiguration tells
 * them.
 *
 * The framework is loaded when the question is asked, which few processes ever do, and stays. CoreFoundation
 * ends a process that uses it in the child of a fork: there, no proxy is known. */
#include "shim/local_proxy.h"

#include "config/rule.h"

#include <dlfcn.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#define FRAMEWORK "/System/Library/Frameworks/SystemConfiguration.framework/SystemConfiguration"

enum { ENCODING_ASCII = 0x0600, NUMBER_INT = 9 }; /* CFString.h, CFNumber.h */

typedef const void *reference; /* any CFTypeRef */

/* By name, so that the library itself needs libSystem alone. */
struct framework {
    reference (*SCDynamicStoreCopyProxies)(reference store);
    reference (*CFStringCreateWithCString)(reference allocator, const char *text, uint32_t encoding);
    reference (*CFDictionaryGetValue)(reference dictionary, reference key);
    unsigned char (*CFNumberGetValue)(reference number, long type, void *value);
    unsigned long (*CFGetTypeID)(reference object);
    unsigned long (*CFNumberGetTypeID)(void);
    void (*CFRelease)(reference object);
};

static pid_t started_as;

__attribute__((constructor)) static void note_process(void)
{
    started_as = getpid();
}

/* Nothing but pointers, in this order; what CoreFoundation defines is found through what depends on it. */
static bool find(struct framework *framework)
{
    static const char *const names[] = {"SCDynamicStoreCopyProxies",
                                        "CFStringCreateWithCString",
                                        "CFDictionaryGetValue",
                                        "CFNumberGetValue",
                                        "CFGetTypeID",
                                        "CFNumberGetTypeID",
                                        "CFRelease"};
    void **functions = (void **)framework;
    void *library = dlopen(FRAMEWORK, RTLD_LAZY | RTLD_LOCAL);
    for (size_t i = 0; library && i < sizeof names / sizeof *names; i++)
        if (!(functions[i] = dlsym(library, names[i])))
            library = NULL;
    if (!library)
        (void)dlerror(); /* the program has its own */
    return library;
}

static bool is_on(const struct framework *framework, reference settings, const char *name)
{
    int on = 0;
    const reference key = framework->CFStringCreateWithCString(NULL, name, ENCODING_ASCII);
    if (!key)
        return false;
    const reference value = framework->CFDictionaryGetValue(settings, key);
    if (value && framework->CFGetTypeID(value) == framework->CFNumberGetTypeID())
        (void)framework->CFNumberGetValue(value, NUMBER_INT, &on);
    framework->CFRelease(key);
    return on != 0;
}

static bool machine_has_proxy(void)
{
    static const char *const kinds[] = {"HTTPSEnable", "HTTPEnable", "SOCKSEnable", "ProxyAutoConfigEnable"};
    struct framework framework;
    if (getpid() != started_as || !find(&framework))
        return false;
    const reference settings = framework.SCDynamicStoreCopyProxies(NULL);
    if (!settings)
        return false;
    bool on = false;
    for (size_t i = 0; !on && i < sizeof kinds / sizeof *kinds; i++)
        on = is_on(&framework, settings, kinds[i]);
    framework.CFRelease(settings);
    return on;
}

bool local_proxy_is_configured(const struct image *image)
{
    switch ((enum local_proxy)image->header.local_proxy) {
    case LOCAL_PROXY_NAMED:
        return true;
    case LOCAL_PROXY_AUTO:
        return machine_has_proxy();
    case LOCAL_PROXY_NEVER:
        break;
    }
    return false;
}
