/* What reads a bundle. Root reads the outside of whatever a server sends; the inside, of what a key has
 * signed. What is read is written and read again as it was. */
#include "bundle/envelope.h"
#include "bundle/payload.h"
#include "tests/fuzz/require.h"

static void read_outside(const uint8_t *data, size_t size)
{
    struct envelope envelope;
    char *again = NULL;
    size_t again_size;
    if (envelope_read(&envelope, data, size))
        return;
    require(envelope.payload > data && envelope.payload + envelope.payload_size == data + size);
    FILE *stream = open_memstream(&again, &again_size);
    require(envelope_write(&envelope, stream));
    fclose(stream);
    require(again_size == size && memcmp(again, data, size) == 0);
    free(again);
}

static void read_inside(const uint8_t *data, size_t size)
{
    char error[BUNDLE_ERROR_SIZE];
    struct bundle bundle, again;
    if (!payload_read(&bundle, data, size, error))
        return;
    char *text = payload_write(&bundle, error);
    require(text && payload_read(&again, (const uint8_t *)text, strlen(text), error));
    require(again.version == bundle.version && again.created == bundle.created &&
            again.expires == bundle.expires && again.file_count == bundle.file_count);
    for (size_t i = 0; i < bundle.file_count; i++)
        require(bundle_path_is_clean(bundle.files[i].path));
    bundle_free(&bundle);
    bundle_free(&again);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    read_outside(data, size);
    read_inside(data, size);
    return 0;
}
