/* What any process may send to the agent as an event: what is kept of it is one line of JSON, by the sender
 * that the kernel names. */
#include "agent/event_line.h"
#include "tests/fuzz/require.h"

#include <jansson.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct event_sender sender = {.pid = 4711, .uid = 1000};
    char line[EVENT_LINE_SIZE], again[EVENT_LINE_SIZE];
    size_t length, length_again;
    char *packet = exact_text(data, size);
    if (event_line_take(packet, size, &sender, line, &length)) {
        require(length > 1 && length <= sizeof line && memchr(line, '\n', length) == line + length - 1);
        for (size_t i = 0; i < length - 1; i++)
            require(line[i] >= ' ' && line[i] <= '~');
        json_t *object = json_loadb(line, length, JSON_REJECT_DUPLICATES, NULL);
        require(json_integer_value(json_object_get(object, "pid")) == sender.pid);
        require(json_integer_value(json_object_get(object, "uid")) == sender.uid);
        json_decref(object);
        require(event_line_take(line, length, &sender, again, &length_again));
        require(length_again == length && memcmp(line, again, length) == 0);
    }
    free(packet);
    return 0;
}
