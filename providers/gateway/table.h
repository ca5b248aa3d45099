// Rows in the order they were made, found by their id.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>

namespace sluice::gateway {

/// Holds each id once. Pointers and iterators stay good until their row is erased.
template <typename T>
class Table {
 public:
  T* find(std::string_view id) {
    const auto at = numbers_.find(std::string(id));
    return at != numbers_.end() ? &rows_.find(at->second)->second : nullptr;
  }
  const T* find(std::string_view id) const { return const_cast<Table*>(this)->find(id); }

  /// Appends a row; its id must be new.
  T& add(T row) {
    const std::uint64_t number = ++last_;
    numbers_.emplace(row.id, number);
    return rows_.emplace(number, std::move(row)).first->second;
  }

  /// Puts a row before all others; at most once, and its id must be new.
  T& add_first(T row) {
    numbers_.emplace(row.id, 0);
    return rows_.emplace(0, std::move(row)).first->second;
  }

  void erase(std::string_view id) {
    const auto at = numbers_.find(std::string(id));
    if (at == numbers_.end()) return;
    rows_.erase(at->second);
    numbers_.erase(at);
  }

  std::size_t size() const { return rows_.size(); }
  const std::map<std::uint64_t, T>& rows() const { return rows_; }
  std::map<std::uint64_t, T>& rows() { return rows_; }

 private:
  std::map<std::uint64_t, T> rows_;
  std::unordered_map<std::string, std::uint64_t> numbers_;
  std::uint64_t last_ = 0;
};

}  // namespace sluice::gateway
