import Glibc

/// The task that this process is in a step of a launcher: `srun`, or what speaks PMI, or Open MPI.
package struct LauncherStep: Equatable, Sendable {
  /// The share of the task.
  package let shard: Shard
  /// The variable that says how many there are.
  package let variable: String

  /// The number of tasks, and which one a process is, as launchers call them.
  private static let names = [
    ("SLURM_STEP_NUM_TASKS", "SLURM_PROCID"), ("PMI_SIZE", "PMI_RANK"),
    ("OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK"),
  ]

  /// Nil outside a step, and where it has one task. A batch script has no step, whatever was allocated for it.
  ///
  /// - Parameter value: the value of an environment variable.
  /// - Throws: ``ExperimentError/invalidShard(_:)`` for a task that is not among them.
  package init?(
    _ value: (String) -> String? = { name in getenv(name).map { String(cString: $0) } }
  ) throws(ExperimentError) {
    for (size, rank) in Self.names {
      guard let count = value(size).flatMap({ Int($0) }), count > 1 else { continue }
      let task = value(rank) ?? "none"
      guard let index = Int(task), (0..<count).contains(index) else {
        throw .invalidShard("task \(task) by \(rank) of the \(count) tasks by \(size)")
      }
      shard = try Shard(index: index, of: count)
      variable = size
      return
    }
    return nil
  }

  /// The first line of the output.
  package var note: String { Self.note(shard, variable) }

  /// The same for a share that a variable decides in part.
  package static func note(_ shard: Shard, _ variable: String) -> String {
    "share     \(shard), as \(variable) says; --shard 1/1 solves all\n"
  }
}
