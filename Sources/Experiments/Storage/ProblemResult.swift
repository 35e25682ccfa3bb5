/// What the solvers made of one problem: one line of a file of results.
package struct ProblemResult: Equatable, Sendable {
  /// Which cell of the experiment, from zero.
  package let cell: Int
  /// Which of the problems of that cell, from zero.
  package let trial: Int
  /// The seed that the problem was drawn from.
  package let seed: UInt64
  /// What each solver found, in the order of the header: an object with `solver` and either what
  /// the experiment measured or `error`.
  package let solves: [JSON]
  /// The wall-clock time of each solve in seconds; empty where times were left out.
  package let seconds: [Double]

  /// Collects the parts.
  package init(cell: Int, trial: Int, seed: UInt64, solves: [JSON], seconds: [Double]) {
    self.cell = cell
    self.trial = trial
    self.seed = seed
    self.solves = solves
    self.seconds = seconds
  }

  /// The line, without its end.
  package func line(withTimes: Bool = true) -> String {
    var members: [JSON.Member] = [
      JSON.Member("cell", JSON(cell)), JSON.Member("trial", JSON(trial)),
      JSON.Member("seed", JSON(seed)), JSON.Member("solves", .array(solves)),
    ]
    // Times stand apart, since nothing else differs between two runs.
    if withTimes, !seconds.isEmpty {
      members.append(JSON.Member("seconds", .array(seconds.map { JSON($0) })))
    }
    return JSON.object(members).text
  }

  /// Reads a line back, or returns nil where it is no result.
  package init?(_ json: JSON) {
    guard let cell = json["cell"]?.int, let trial = json["trial"]?.int, cell >= 0, trial >= 0,
      let seed: UInt64 = json["seed"]?.integer(), let solves = json["solves"]?.array,
      solves.allSatisfy({ $0["solver"]?.string != nil })
    else { return nil }
    let times = (json["seconds"]?.array ?? []).map(\.double)
    let seconds = times.compactMap { $0 }
    guard seconds.count == times.count, times.isEmpty || times.count == solves.count else {
      return nil
    }
    self.init(cell: cell, trial: trial, seed: seed, solves: solves, seconds: seconds)
  }

  /// Whether both say the same, times aside.
  func agrees(with other: ProblemResult) -> Bool {
    line(withTimes: false) == other.line(withTimes: false)
  }
}
