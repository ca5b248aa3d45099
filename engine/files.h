// Files, read whole and written so that a reader sees the old or the new one, never a torn one.
#pragma once

#include <cstdint>
#include <string>

#include "plan/result.h"

namespace sluice {

constexpr std::uintmax_t kFileLimit = 50'000'000;  ///< bytes of a manifest, Swagger or plan file

/// Errors: NotFound, Storage; Invalid when it is larger than `limit` bytes or not a regular file.
Result<std::string> read_file(const std::string& path, std::uintmax_t limit = kFileLimit);

/// Who may read a file that is made; the umask takes more away.
enum class FileAccess { Everybody, Owner };

/// Writes beside the target, syncs and renames. Errors: NotFound when its folder is missing, Storage, Invalid.
Result<void> write_file(const std::string& path, std::string_view text, FileAccess access = FileAccess::Everybody);

/// Makes an empty file that only its owner may read, unless there is one already, which is left alone.
Result<void> make_private_file(const std::string& path);

/// Writes a new file and refuses (Conflict) to replace one. Missing folders are made.
Result<void> create_file(const std::string& path, std::string_view text);

/// Makes the folder that `path` lies in. Not an error when it exists.
Result<void> make_parent_folder(const std::string& path);

/// Takes a file away; that it is not there is no error.
void remove_file(const std::string& path);

bool file_exists(const std::string& path);

/// Whether both paths lead to one existing file.
bool same_file(const std::string& a, const std::string& b);

/// `path`, when it is not absolute, as seen from the folder of `file`.
std::string beside(const std::string& file, const std::string& path);

}  // namespace sluice
