package import SparseRecovery

/// For which sizes a solver succeeds: random problems over a grid of m/n and k/m
/// (Donoho and Tanner 2009).
package struct PhaseTransition: SyntheticExperiment {
  package static let name = "phase-transition"
  package static let title = "Phase transition"

  /// A family of matrices of any size.
  package enum Family: Equatable, Sendable {
    case gaussian, bernoulli, uniform, dct
    /// Columns i and j have covariance ρ^|i−j|.
    case toeplitz(correlation: Double)

    /// The family at one size.
    func ensemble(rows: Int, columns: Int) -> MatrixEnsemble {
      switch self {
      case .gaussian: .gaussian(rows: rows, columns: columns)
      case .bernoulli: .bernoulli(rows: rows, columns: columns)
      case .uniform: .uniform(rows: rows, columns: columns)
      case .dct: .dct(rows: rows, columns: columns)
      case .toeplitz(let correlation):
        .toeplitz(rows: rows, columns: columns, correlation: correlation)
      }
    }

    /// The family of this name; a Toeplitz family needs its correlation.
    package init?(named name: String, correlation: Double?) {
      switch name {
      case "gaussian": self = .gaussian
      case "bernoulli": self = .bernoulli
      case "uniform": self = .uniform
      case "dct": self = .dct
      case "toeplitz":
        guard let correlation else { return nil }
        self = .toeplitz(correlation: correlation)
      default: return nil
      }
    }

    /// The name for a person.
    package var description: String {
      switch self {
      case .toeplitz(let correlation): "toeplitz, ρ = \(correlation)"
      default: ensemble(rows: 1, columns: 1).name
      }
    }
  }

  /// The number of columns, n.
  package var columns = 64
  /// The numbers of rows, m, ascending.
  package var rows = (1...16).map { 4 * $0 }
  /// The ratios k/m, ascending; k is rounded to the nearest integer.
  package var ratios = (1...16).map { Double($0) / 16 }
  /// Where matrices are drawn from.
  package var family = Family.gaussian
  /// How coefficients are drawn.
  package var coefficients = CoefficientLaw.uniform
  /// The signal-to-noise ratio in decibels, or nil for no noise.
  package var snr: Double?
  package var trials = 100
  package var seed: UInt64 = 0
  package var solvers: [NamedSolver]
  /// What charts count: results hold all that any criterion needs.
  package var success = Success.exactSupport

  /// The usual grid for n = 64, for these solvers.
  package init(solvers: [NamedSolver]) { self.solvers = solvers }

  /// What counts as a success.
  package enum Success: String, CaseIterable, Sendable {
    /// The support is the true one.
    case exactSupport = "support"
    /// ‖x − x*‖ ≤ 10⁻⁴ ‖x*‖.
    case relativeError = "error"

    /// The largest relative error of a success.
    static let largestError = 1e-4

    /// What to look for, for a person.
    package var description: String {
      switch self {
      case .exactSupport: "exact support"
      case .relativeError: "relative error at most \(Self.largestError)"
      }
    }

    /// Whether a solve succeeded; a failed one did not.
    func holds(for values: JSON) -> Bool {
      switch self {
      case .exactSupport: values["exact"]?.bool ?? false
      case .relativeError: (values["relativeError"]?.double ?? .infinity) <= Self.largestError
      }
    }
  }
}
