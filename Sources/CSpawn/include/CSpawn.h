// What posix_spawn can do on Linux and the headers hide from Swift.
#pragma once
#include <spawn.h>

/// Closes all descriptors from `first` on in the child, after the actions before.
int cs_close_from(posix_spawn_file_actions_t *actions, int first);
