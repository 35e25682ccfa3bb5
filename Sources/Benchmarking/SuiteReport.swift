/// What a run of the suite measured. Written as JSON, it is the record of a machine.
public struct SuiteReport: Equatable, Sendable, Codable {
  /// The version of the layout, 2. The first was an array of ``BenchmarkReport``.
  public let schemaVersion: Int
  /// The machine.
  public let machine: BenchmarkReport.Machine
  /// The average number of processes that wanted a core in the minute before; nil where unknown.
  /// Figures taken beside other work are orders of magnitude.
  public let load: Double?
  /// Whether problems were few and small.
  public let isQuick: Bool
  /// The time that was given, in seconds.
  public let seconds: Double
  /// A report of every operation for each problem.
  public internal(set) var operations: [BenchmarkReport] = []
  /// Whole solves from small problems to large ones.
  public internal(set) var endToEnd = SolveRecord()
  /// Solves of problems in which one size grows.
  public internal(set) var scaling = SolveRecord()
  /// How the time of an iteration grows, from these solves.
  public internal(set) var laws: [Scaling] = []
  /// Solves of the same problems with every gradient.
  public internal(set) var gradients = SolveRecord()
  /// What `auto` chose among these, and what was fastest.
  public internal(set) var choices: [GradientComparison] = []
  /// What of the operations was not measured, and why: one sentence each.
  public internal(set) var notes: [String] = []

  /// Nothing measured yet.
  package init(
    machine: BenchmarkReport.Machine, load: Double?, isQuick: Bool, seconds: Double
  ) {
    schemaVersion = 2
    self.machine = machine
    self.load = load
    self.isQuick = isQuick
    self.seconds = seconds
  }
}
