// The rules of jobs and scripts, and how they look when they come back.
#pragma once

#include "providers/gateway/dataarts/workspace.h"

namespace sluice::gateway::dataarts {

/// What is wrong with a job or script by the documented names, words and bounds; nothing when it can be stored.
std::optional<Fault> check_job(const Value& job);
std::optional<Fault> check_script(const Value& script);

/// A job as exports show it: with documented defaults spelled out, without passwords.
Value exported_job(const Workspace& workspace, const Job& job);
/// The same as details show it, with what belongs to the service.
Value shown_job(const Workspace& workspace, const Job& job);
/// A job as an item of a list.
Value listed_job(const Workspace& workspace, const Job& job);

Value exported_script(const Asset& script);
Value shown_script(const Asset& script);

/// The names of the scripts that the nodes of a job run.
std::vector<std::string> scripts_of(const Value& job);

/// Puts parameters into a job: those of a name it has get another value, others are added.
void set_parameters(Value& job, const Value& values);

}  // namespace sluice::gateway::dataarts
