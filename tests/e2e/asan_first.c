/* Preloaded into programs that aren't instrumented, beside the AddressSanitizer's runtime: initialises it
 * before any other library's constructor. Else that happens in the first allocation, which p11-kit's
 * constructor makes (curl has it) while it holds a lock of libc's that the runtime then takes as well. */
void __asan_init(void);
static void first(void) __attribute__((constructor));

static void first(void)
{
    __asan_init();
}
