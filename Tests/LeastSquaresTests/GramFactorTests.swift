import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

@testable import LeastSquares

@Suite struct GramFactorTests {
  private func slots(_ matrix: Matrix<Double>, capacity: Int) throws -> AtomSlots {
    let problem = try RecoveryProblem(
      matrix: .double(matrix), observation: Array(repeating: 1, count: matrix.rows))
    return AtomSlots(problem, capacity: capacity, threads: 1)
  }

  /// G = [1 ρ; ρ 1] has ‖G‖₁ = 1 + |ρ| and ‖G⁻¹‖₁ = ‖G⁻¹‖₂ = 1 / (1 − |ρ|).
  @Test(arguments: [0, 0.5, -0.5, 0.99, -0.999, 0.99999])
  func twoAtoms(rho: Double) throws {
    let matrix = try Matrix(
      rows: 2, columns: 2, columnMajor: [1, 0, rho, (1 - rho * rho).squareRoot()])
    var slots = try slots(matrix, capacity: 2)
    var places: [Int] = []
    try slots.load([0, 1], into: &places)
    var factor = GramFactor()
    let isDefinite = factor.factor(slots, places)
    #expect(isDefinite)
    let exact = (1 - abs(rho)) / (1 + abs(rho))
    // The rounding of ρ² is magnified by 1 / (1 − ρ²).
    let error = 8 * Double.ulpOfOne / (1 - rho * rho)
    #expect(factor.reciprocalCondition <= exact * (1 + error))
    // |L⁻¹| = M⁻¹ here, so that only ‖L⁻¹‖₂² ≤ ‖L⁻¹‖₁ ‖L⁻¹‖_∞ is lost: at most a factor of √2 each.
    #expect(factor.reciprocalCondition >= exact / 2 * (1 - error))
  }

  /// No vector is stretched by G⁻¹ beyond the bound: ‖G⁻¹v‖₂ ≤ ‖v‖₂ / (rcond · ‖G‖₁), ‖G‖₁ ≥ 1.
  @Test(arguments: [1, 5, 8, 17, 60]) func boundsHold(k: Int) throws {
    var generator = SeededGenerator(seed: UInt64(k))
    var slots = try slots(try generator.matrix(200, 80), capacity: 80)
    var places: [Int] = []
    var factor = GramFactor()
    for _ in 0..<10 {
      let support = Array(Array(0..<80).shuffled(using: &generator).prefix(k))
      try slots.load(support, into: &places)
      let isDefinite = factor.factor(slots, places)
      #expect(isDefinite && factor.isTrusted)
      // Inverse iteration finds what is stretched most.
      var v = generator.symmetric(k)
      for _ in 0..<50 {
        let before = v.squaredNorm.squareRoot()
        factor.solveForward(&v)
        factor.solveBackward(&v)
        let after = v.squaredNorm.squareRoot()
        #expect(after <= before / factor.reciprocalCondition * (1 + 1e-12))
        v = v.map { $0 / after }
      }
    }
  }
}
