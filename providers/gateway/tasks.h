// Asynchronous tasks: queued with a start and an end, taking effect at the first request after their end.
#pragma once

#include <string>

#include "providers/gateway/session.h"

namespace sluice::gateway {

/// Queues a task: it starts when a slot is free and no earlier import into its group is unfinished.
const Task& add_task(Session& session, TaskKind kind, std::string group_id, std::string request);

/// What goes wrong with a task, from the fault that met its call.
Mischief mischief_of(const Task& task);
void set_mischief(Session& session, Task& task, const Mischief& mischief);
/// Whether a finished task is too old to be asked for.
bool is_expired(const Session& session, const Task& task);

bool has_due_tasks(const Instance& instance, Now now);
/// Lets every task whose end has come take effect, in the order of creation.
void run_due_tasks(Session& session);

/// The task as a query shows it.
Value write_task(Session& session, Task& task);

}  // namespace sluice::gateway
