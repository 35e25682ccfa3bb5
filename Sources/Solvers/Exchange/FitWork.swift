import LeastSquares
import SparseCore

/// What fits of supports take that share no work, in nanoseconds of a model, measured on one core of an AMD EPYC.
///
/// It knows the shape of the problem and what was done, and no clock: what ends by it ends in the same place on every machine.
struct FitWork {
  private let rows: Double
  private let planes: Double

  init(_ problem: RecoveryProblem) {
    rows = Double(problem.presentRows)
    planes = Double(problem.planes)
  }

  /// Of one Newton step for one observation: an exponential a row and a Gram matrix, beside what no row has a part in.
  private func step(_ atoms: Int) -> Double {
    rows * (20 + Double((atoms + 2) * (atoms + 2)) / 2)
  }

  /// Of a fit as most are, of ten steps.
  func usualFit(of atoms: Int) -> Double { 10_000 + 10 * planes * step(atoms) }

  /// Of a fit that was made.
  func fit(_ fit: LossFit, of atoms: Int) -> Double {
    5_000 + Double(fit.evaluations) * (2_000 + step(atoms))
  }

  /// Of a projection, of which few atoms were not at hand: their products, a factor and the residual.
  func projection(onto atoms: Int) -> Double {
    let k = Double(atoms)
    return 3_000 + planes * (rows * k * 2 + k * k * k / 6)
  }

  /// Of a gradient over all columns, read from memory.
  func pass(over columns: Int) -> Double { rows * Double(columns) * planes / 2 }

  /// Of a second-order model of exchanges of an atom for one of `candidates`: they are fetched, scaled, and multiplied with
  /// the support.
  func model(of atoms: Int, entering candidates: Int) -> Double {
    Double(candidates) * rows * planes * (8 + Double(atoms) / 2)
  }
}
