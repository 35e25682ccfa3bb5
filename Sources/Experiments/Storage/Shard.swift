import Glibc

/// One of N equal shares of the work, for machines that know nothing of each other.
package struct Shard: Equatable, Sendable, CustomStringConvertible {
  /// Which share, from zero.
  package let index: Int
  /// How many there are.
  package let count: Int

  /// All of the work.
  package static let whole = Shard(uncheckedIndex: 0, count: 1)

  private init(uncheckedIndex index: Int, count: Int) {
    self.index = index
    self.count = count
  }

  /// Share `index`, from zero, of `count`.
  ///
  /// - Throws: ``ExperimentError/invalidShard(_:)``.
  package init(index: Int, of count: Int) throws(ExperimentError) {
    guard count > 0, 0..<count ~= index else {
      throw .invalidShard("\(index.addingReportingOverflow(1).partialValue)/\(count)")
    }
    self.init(uncheckedIndex: index, count: count)
  }

  /// Reads `i/N`, where i counts from 1.
  ///
  /// - Throws: ``ExperimentError/invalidShard(_:)``.
  package init(_ text: String) throws(ExperimentError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false).map { Int($0) }
    guard parts.count == 2, let number = parts[0], let count = parts[1], number > 0,
      number <= count
    else { throw .invalidShard(text) }
    self.init(uncheckedIndex: number - 1, count: count)
  }

  /// The share that Slurm gave to this task of an array, or nil outside one.
  ///
  /// - Parameter variable: the value of an environment variable.
  /// - Throws: ``ExperimentError/invalidShard(_:)`` for variables that fit no array.
  package init?(
    slurm variable: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
  ) throws(ExperimentError) {
    guard let task = variable("SLURM_ARRAY_TASK_ID") else { return nil }
    let count = variable("SLURM_ARRAY_TASK_COUNT") ?? ""
    // Arrays may begin anywhere and leave numbers out.
    let first = Int(variable("SLURM_ARRAY_TASK_MIN") ?? "0")
    let step = Int(variable("SLURM_ARRAY_TASK_STEP") ?? "1")
    guard let number = Int(task), let first, let step, step > 0, let total = Int(count),
      number >= first, first >= 0, (number - first) % step == 0, (number - first) / step < total
    else { throw .invalidShard("\(task) of the \(count) tasks of Slurm") }
    self.init(uncheckedIndex: (number - first) / step, count: total)
  }

  /// Whether problem `number`, from zero, belongs to this share.
  package func contains(_ number: Int) -> Bool { number % count == index }

  /// `i/N`.
  package var description: String { "\(index + 1)/\(count)" }
}
