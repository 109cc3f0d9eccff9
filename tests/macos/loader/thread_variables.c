/* Thread-local variables: each has a descriptor, whose first word is called to find the variable. */
#include "tests/macos/loader/image.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

enum { IMAGES_MOST = 16 };

struct descriptor {
    void *find; /* keeps every register but rax and rdi */
    uint64_t key, offset;
};

/* What each thread's copy starts as. */
static struct template
{
    pthread_key_t key;
    const char *start;
    size_t filled, size;
}
templates[IMAGES_MOST];
static int count;

static void cover(struct template *template, const struct section *section, intptr_t slide)
{
    const char *start = (const char *)(section->address + (uintptr_t)slide);
    if (!template->start)
        template->start = start;
    template->size = (size_t)(start - template->start) + section->size;
    if ((section->flags & SECTION_TYPE_MASK) == SECTION_THREAD_REGULAR)
        template->filled = template->size;
}

void thread_variables_prepare(const struct image *image)
{
    void find_variable(void);
    struct template *template = &templates[count];
    const struct section *section = NULL;
    bool any = false;
    while ((section = next_section(image, section))) {
        const uint32_t type = section->flags & SECTION_TYPE_MASK;
        if (type == SECTION_THREAD_REGULAR || type == SECTION_THREAD_ZEROFILL)
            cover(template, section, image->slide);
        if (type != SECTION_THREAD_VARIABLES)
            continue;
        any = true;
        struct descriptor *all = (struct descriptor *)(section->address + (uintptr_t)image->slide);
        for (uint64_t i = 0; i < section->size / sizeof *all; i++)
            all[i].find = __extension__(void *) find_variable, all[i].key = (uint64_t)count;
    }
    if (!any)
        return;
    if (++count == IMAGES_MOST || pthread_key_create(&template->key, free) != 0)
        fail("too many images with thread-local variables");
}

__attribute__((used)) static void *variable(const struct descriptor *descriptor)
{
    const struct template *template = &templates[descriptor->key];
    char *copy = pthread_getspecific(template->key);
    if (!copy) {
        copy = calloc(1, template->size);
        if (!copy || pthread_setspecific(template->key, copy) != 0)
            fail("no memory for thread-local variables");
        memcpy(copy, template->start, template->filled);
    }
    return copy + descriptor->offset;
}

__asm__(".text\n"
        "find_variable:\n"
        "    pushq %rbp\n"
        "    movq %rsp, %rbp\n"
        "    subq $640, %rsp\n"
        "    andq $-64, %rsp\n"
        "    fxsave64 (%rsp)\n"
        "    movq %rcx, 512(%rsp)\n"
        "    movq %rdx, 520(%rsp)\n"
        "    movq %rsi, 528(%rsp)\n"
        "    movq %r8, 536(%rsp)\n"
        "    movq %r9, 544(%rsp)\n"
        "    movq %r10, 552(%rsp)\n"
        "    movq %r11, 560(%rsp)\n"
        "    callq variable\n"
        "    movq 512(%rsp), %rcx\n"
        "    movq 520(%rsp), %rdx\n"
        "    movq 528(%rsp), %rsi\n"
        "    movq 536(%rsp), %r8\n"
        "    movq 544(%rsp), %r9\n"
        "    movq 552(%rsp), %r10\n"
        "    movq 560(%rsp), %r11\n"
        "    fxrstor64 (%rsp)\n"
        "    leaveq\n"
        "    retq\n");
