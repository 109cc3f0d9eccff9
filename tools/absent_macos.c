/* What there is no way to on macOS, and why. */
#include "tools/command.h"
#include "tools/doctor.h"
#include "tools/report.h"

static const char unseen[] =
    "other processes' memory is macOS's own business (task_for_pid): whether the library "
    "is in a process can't be told from outside";
static const char everywhere[] =
    "macOS has no list of libraries for every program: EnvironmentVariables of a "
    "service's launchd.plist(5), or pinshim run";

int status_main(int argc, char **argv)
{
    (void)argc, (void)argv;
    report_error("%s", unseen);
    return STATUS_ERROR;
}

int doctor_process(const char *text, bool json)
{
    (void)json;
    report_error("%s: %s", text, unseen);
    return STATUS_USAGE;
}

int doctor_all(bool json)
{
    (void)json;
    report_error("--all: not on macOS: name a program");
    return STATUS_ERROR;
}

int install_preload_main(int argc, char **argv)
{
    (void)argc, (void)argv;
    report_error("%s", everywhere);
    return STATUS_ERROR;
}

int remove_preload_main(int argc, char **argv)
{
    return install_preload_main(argc, argv);
}
