/// What is known about the supports visited lately; the one unused for longest makes way.
struct SupportMemory<Value> {
  private let capacity: Int
  private(set) var entries: [[Int]: (value: Value, lastUse: Int)] = [:]
  private(set) var clock = 0

  /// Room for as many values of `valueBytes` as fit into 8 MB, from 1 to 1024.
  init(valueBytes: Int) {
    capacity = min(max((8 << 20) / max(valueBytes, 1), 1), 1024)
  }

  /// Goes on with what another memory knew at its time `clock`.
  mutating func restore(_ entries: [[Int]: (value: Value, lastUse: Int)], clock: Int) {
    self.entries = entries
    self.clock = clock
  }

  /// What is known about `support`.
  mutating func recall(_ support: [Int]) -> Value? {
    clock += 1
    entries[support]?.lastUse = clock
    return entries[support]?.value
  }

  /// Once the memory is full, takes out the value unused for longest, to be written over.
  mutating func makeRoom() -> Value? {
    guard entries.count >= capacity,
      let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })
    else { return nil }
    entries[oldest.key] = nil
    return oldest.value.value
  }

  /// Keeps a value, after ``makeRoom()``.
  mutating func remember(_ support: [Int], _ value: Value) {
    entries[support] = (value, clock)
  }
}
