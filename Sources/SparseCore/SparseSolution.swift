/// Why a solver stopped.
public enum StopReason: String, Sendable, Codable, CaseIterable {
  /// The residual reached the tolerance: nothing is left to explain.
  case residual
  /// The iteration budget is spent.
  case iterations
  /// The time budget is spent.
  case time
  /// Too many iterations went by without a better support.
  case stagnation
  /// The algorithm's own rule: nothing changes any more.
  case converged
  /// The observer asked to stop.
  case interrupted
  /// The engine failed: this is the best support that was seen before.
  case failed
}

/// Something about a problem or its solution that the caller should know.
public enum Warning: Equatable, Sendable, CustomStringConvertible {
  /// These columns are zero and were never candidates.
  case zeroColumns([Int])
  /// The intercept and the columns included explain these columns, which were never candidates.
  case explainedColumns([Int])
  /// The columns of the best support are linearly dependent, so that its coefficients are not
  /// unique: the ones of least norm are returned.
  case dependentColumns(rank: Int, sparsity: Int)
  /// The loss has no minimum on the best support: it goes on falling as coefficients grow without bound. The
  /// coefficients are those where nothing was left to gain. A ridge gives it a minimum.
  case unboundedFit(loss: String)
  /// Columns are so nearly linearly dependent that a search for a proof could not tell them apart, though their entries do.
  case nothingProved
  /// Fewer columns can be selected than were asked for.
  case sparsityReduced(from: Int, to: Int)
  /// Fewer groups can be selected than were asked for.
  case groupsReduced(from: Int, to: Int)
  /// The engine stores the atoms less precisely than it computes, and this search did not make up
  /// for it: with full storage the supports may differ.
  case reducedStorage
  /// Every run of this solver diverged: columns are too coherent for it, or the observation holds no
  /// signal that it could tell from noise. The support is the best that it named on the way.
  case diverged(solver: String)
  /// Another engine failed, for the reason given, and the problem was solved anew on this one.
  case engineReplaced(failure: String)
  /// The engine failed, for the reason given, before the search had ended.
  case engineFailed(failure: String)

  /// One line for a person.
  public var description: String { description(naming: String.init) }

  /// One line for a person, which calls columns by what `name` has for their indices.
  package func description(naming name: (Int) -> String) -> String {
    switch self {
    case .zeroColumns(let columns): Self.text(columns.map(name), "zero")
    case .explainedColumns(let columns):
      Self.text(columns.map(name), "explained by the intercept and the columns included")
    case .dependentColumns(let rank, let sparsity):
      "the \(sparsity) columns of the support have rank \(rank): "
        + "the coefficients of least norm were chosen among many"
    case .unboundedFit(let loss):
      "the \(loss.oneLine(limit: 80)) loss has no minimum on the support: coefficients grow without bound, "
        + "and were taken where nothing was left to gain; a ridge gives it a minimum"
    case .nothingProved:
      "columns are so nearly dependent that nothing could be proved: leave out those that repeat others but for rounding"
    case .sparsityReduced(let wanted, let found):
      "only \(found) of the \(wanted) columns asked for can be selected"
    case .groupsReduced(let wanted, let found):
      "only \(found) of the \(wanted) groups asked for can be selected"
    case .reducedStorage:
      "the matrix is stored less precisely than asked for: supports may differ from full storage"
    case .diverged(let solver):
      "every run of \(solver) diverged: the columns are too coherent for it, or there is nothing but noise; "
        + "another algorithm finds more"
    case .engineReplaced(let failure): "solved anew after \(failure)"
    case .engineFailed(let failure): "not solved to the end: \(failure)"
    }
  }

  private static func text(_ columns: [String], _ cause: String) -> String {
    columns.count == 1
      ? "column \(columns[0]) is \(cause) and was never a candidate"
      : "\(columns.count) columns are \(cause) and were never candidates: "
        + columns.prefix(5).joined(separator: ", ")
        + (columns.count > 5 ? ", …" : "")
  }
}

/// The best support found, and how it was found.
public struct SparseSolution: Sendable {
  /// The columns selected: at most k zero-based indices in ascending order.
  public package(set) var support: [Int]
  /// The coefficients of these columns of A as given, whatever the normalisation; of complex ones their real parts.
  public package(set) var coefficients: [Double]
  /// The imaginary parts of the coefficients in a solution that ``RecoveryProblem/complexForm(of:)`` made; else nil.
  public package(set) var imaginaryParts: [Double]?
  /// The coefficients of the same columns as the solver sees them, unit columns for an observation of
  /// size one, without the columns that the model includes: a start for another solve of this problem,
  /// ``SEA/Start/atoms(_:)``.
  public let atomCoefficients: SparseVector
  /// The constant added to Ax, or nil where none is fitted.
  public let intercept: Double?
  /// ‖W^½(Ax + b − y)‖₂, computed in double precision from the original columns; ‖Ax − y‖₂ in plain
  /// least squares. Under another loss the root of twice the loss.
  public let residualNorm: Double
  /// ‖Ax − y‖₂ / ‖y‖₂, or 0 when y is zero. With weights, an intercept or columns included, relative
  /// to what these alone leave; and so under another loss: 1 less its square is the share of the loss of
  /// the null model that is explained (McFadden 1974).
  public let relativeResidual: Double
  /// How many supports were evaluated, repeated ones included.
  public package(set) var iterations: Int
  /// The iteration, from zero, at which the support returned was first seen.
  public package(set) var bestIteration: Int
  /// Why the solver stopped.
  public package(set) var stopReason: StopReason
  /// How many distinct supports were evaluated, as far as the memory of supports reaches.
  public package(set) var supportsExplored: Int
  /// How many times A was read from end to end.
  public package(set) var matrixPasses: Int
  /// What the caller should know.
  public package(set) var warnings: [Warning]
  /// Which engine did the work.
  public let engine: EngineIdentity
  /// What every solver found, in the order in which they ran, where several did; else empty.
  public package(set) var attempts: [Attempt] = []
  /// How many rounds of search were completed: as many rounds give the same answer again. 0 where there
  /// were none.
  public package(set) var rounds = 0
  /// No support of at most k columns has a loss, ridge included, that is smaller by more than this share of it: 0 where all
  /// were tried. Nil where nothing is proved.
  public package(set) var optimalityGap: Double?
  /// What is proved here as the `optimalityGap` of another support of at most k columns, with this ``lossNorm``.
  package func optimalityGap(of lossNorm: Double) -> Double? {
    guard let optimalityGap, lossNorm > 0 else { return optimalityGap }
    let ratio = self.lossNorm / lossNorm
    return max(optimalityGap + (1 - optimalityGap) * (1 - ratio * ratio), 0)
  }

  /// The place in `attempts` of the one whose support is returned.
  public package(set) var bestAttempt: Int?

  /// ½‖Ax − y‖₂², or the loss of the problem, without a ridge.
  public var loss: Double { residualNorm * residualNorm / 2 }

  /// The root of twice the loss with a ridge, for the scaled observation: what solutions of one
  /// problem are compared by.
  package let lossNorm: Double

  /// Collects the parts of a solution.
  package init(
    support: [Int], coefficients: [Double], atomCoefficients: SparseVector, intercept: Double?,
    residualNorm: Double, relativeResidual: Double, lossNorm: Double, iterations: Int,
    bestIteration: Int, stopReason: StopReason,
    supportsExplored: Int,
    matrixPasses: Int, warnings: [Warning], engine: EngineIdentity
  ) {
    self.support = support
    self.coefficients = coefficients
    self.atomCoefficients = atomCoefficients
    self.intercept = intercept
    self.residualNorm = residualNorm
    self.relativeResidual = relativeResidual
    self.lossNorm = lossNorm
    self.iterations = iterations
    self.bestIteration = bestIteration
    self.stopReason = stopReason
    self.supportsExplored = supportsExplored
    self.matrixPasses = matrixPasses
    self.warnings = warnings
    self.engine = engine
  }

  /// How many real numbers the coefficients are: of complex ones two each.
  package var coefficientCount: Int { coefficients.count + (imaginaryParts?.count ?? 0) }

  /// The solution as a vector of length `columns`, zero outside the support.
  public func dense(columns: Int) -> [Double] {
    var x = [Double](repeating: 0, count: columns)
    for (j, value) in zip(support, coefficients) { x[j] = value }
    return x
  }

  /// The parts of a complex solution in turns, zero outside the support: 2 · `columns` numbers.
  package func denseParts(columns: Int) -> [Double] {
    var x = [Double](repeating: 0, count: 2 * columns)
    for (p, j) in support.enumerated() {
      x[2 * j] = coefficients[p]
      x[2 * j + 1] = imaginaryParts?[p] ?? 0
    }
    return x
  }
}

/// What one solver of several found on a problem.
public struct Attempt: Sendable, Codable, Equatable {
  /// The name of the solver.
  public let solver: String
  /// The name of what it started from, or nil for a start of its own.
  public let start: String?
  /// ‖Ax − y‖₂ / ‖y‖₂ of its best support.
  public let relativeResidual: Double
  /// How many supports it evaluated.
  public let iterations: Int
  /// How many times it read A from end to end.
  public let matrixPasses: Int
  /// How long it took.
  public let seconds: Double

  /// Collects the parts of an attempt.
  package init(
    solver: String, start: String?, relativeResidual: Double, iterations: Int, matrixPasses: Int,
    seconds: Double
  ) {
    self.solver = solver
    self.start = start
    self.relativeResidual = relativeResidual
    self.iterations = iterations
    self.matrixPasses = matrixPasses
    self.seconds = seconds
  }
}
