/* macOS shows notifications of bundled, signed applications alone, by their own identity (UserNotifications);
 * the program that this library is in has no say in what it would show, and may have no identity. None from
 * here. */
#include "shim/desktop.h"

bool desktop_is_there(void)
{
    return false;
}

void desktop_notify(const char *title, const char *line)
{
    (void)title, (void)line;
}
