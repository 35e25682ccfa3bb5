import SparseRecovery

/// What a solver reported while it solved.
struct SolveTrace {
  /// The relative residual of every iteration.
  private(set) var residuals: [Double] = []
  /// The smallest so far.
  private(set) var best: [Double] = []
  /// How many supports had been new so far.
  private(set) var newSupports: [Int] = []

  /// Adds an iteration.
  mutating func record(_ report: IterationReport) {
    record(residual: report.relativeResidual, isNew: report.isNew)
  }

  /// Adds an iteration.
  mutating func record(residual: Double, isNew: Bool) {
    residuals.append(residual)
    best.append(min(residual, best.last ?? .infinity))
    newSupports.append((newSupports.last ?? 0) + (isNew ? 1 : 0))
  }
}
