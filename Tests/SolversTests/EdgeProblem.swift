import SparseCore
import SparseRecoveryTesting
import SyntheticProblems
import TestSupport
import Testing

/// A problem at the edge of what can be asked, and what must come of it.
struct EdgeProblem: Sendable, CustomTestStringConvertible {
  let name: String
  let columns: [[Double]]
  let y: [Double]
  let sparsity: Int

  var testDescription: String { name }

  func stated() throws -> RecoveryProblem {
    let matrix = try Matrix(
      rows: y.count, columns: columns.count, columnMajor: columns.flatMap { $0 })
    return try RecoveryProblem(matrix: .double(matrix), observation: y)
  }

  static let all: [EdgeProblem] = {
    var generator = SeededGenerator(seed: 11)
    func random(_ m: Int, _ n: Int) -> [[Double]] { (0..<n).map { _ in generator.symmetric(m) } }
    let (eight, three, scaled) = (random(8, 8), random(8, 3), random(8, 9))
    let wide = random(4, 9)
    let combined = (0..<10).map { _ -> [Double] in
      let w = generator.symmetric(3)
      return (0..<8).map { (i: Int) -> Double in
        w[0] * three[0][i] + w[1] * three[1][i] + w[2] * three[2][i]
      }
    }
    let (y, short) = (generator.symmetric(8), generator.symmetric(4))
    let powers: [Double] = [1e150, 1, 1e-150]
    let integers = (0..<9).map { (j: Int) -> [Double] in
      (0..<8).map { (i: Int) -> Double in Double((i * i + 3 * i * j + j) % 11 - 5) }
    }
    let identity = (0..<6).map { (j: Int) -> [Double] in
      (0..<6).map { (i: Int) -> Double in i == j ? 1 : 0 }
    }
    let near = y.map { $0 + 1e-9 }
    let spanned = zip(integers[1], integers[4]).map { (a, b) -> Double in 2 * a - 3 * b }
    let scales = scaled.enumerated().map { (j, a) -> [Double] in a.map { $0 * powers[j % 3] } }
    let zeros = [Double](repeating: 0, count: 8)
    let denormal = eight[1].map { $0 * 0x1p-1040 }
    return [
      EdgeProblem(name: "every column twice", columns: eight + eight, y: y, sparsity: 4),
      EdgeProblem(name: "rank 3 of 10 columns", columns: combined, y: y, sparsity: 5),
      EdgeProblem(
        name: "scales from 1e-150 to 1e150", columns: scales, y: y, sparsity: 4),
      EdgeProblem(
        name: "nearly the same column", columns: [y, near] + three, y: eight[0], sparsity: 3),
      EdgeProblem(
        name: "zero and denormal columns", columns: [eight[0], zeros, denormal, eight[2]], y: y,
        sparsity: 4),
      EdgeProblem(name: "one row", columns: [[2], [-3], [0.5]], y: [7], sparsity: 1),
      EdgeProblem(name: "one row, two columns", columns: [[2], [-3], [0.5]], y: [7], sparsity: 2),
      EdgeProblem(name: "one column", columns: [[1, 2, 3]], y: [1, 1, 1], sparsity: 1),
      EdgeProblem(name: "all columns", columns: Array(eight[..<5]), y: y, sparsity: 5),
      EdgeProblem(name: "all columns of a square", columns: eight, y: y, sparsity: 8),
      EdgeProblem(name: "more columns than rows", columns: wide, y: short, sparsity: 6),
      EdgeProblem(name: "zero observation", columns: eight, y: zeros, sparsity: 3),
      EdgeProblem(
        name: "observation in the span", columns: integers, y: spanned, sparsity: 2),
      EdgeProblem(
        name: "ties everywhere", columns: identity, y: Array(repeating: 1, count: 6), sparsity: 3),
      EdgeProblem(
        name: "the same column", columns: Array(repeating: y, count: 5), y: eight[0],
        sparsity: 3),
    ]
  }()
}

extension EdgeProblem {
  /// Checks a solution against sums in twice the working precision.
  ///
  /// With unit columns B = A_S D and c = D⁻¹ x: the gradient Bᵀ r vanishes as far as a small change
  /// of B can make it, ‖Bᵀ r‖ ≤ m k ε ‖B‖ (‖B‖ ‖c‖ + ‖y‖) (Higham 2002, theorem 20.3), and the
  /// residual norm that is reported differs from the true one by at most (k + 4) ε (Σ|cⱼ| + ‖y‖).
  func expectOptimal(_ solution: SparseSolution) {
    let selected = solution.support.map { columns[$0] }
    let norms = selected.map(norm)
    let c = zip(solution.coefficients, norms).map { $0 * $1 }
    let residual = y.indices.map { i in
      var sum = DoubleDouble()
      sum.add(-y[i])
      for (a, x) in zip(selected, solution.coefficients) { sum.add(a[i], times: x) }
      return sum.value
    }
    let gradient = zip(selected, norms).map { a, norm in
      var sum = DoubleDouble()
      for (entry, r) in zip(a, residual) { sum.add(entry / norm, times: r) }
      return sum.value
    }
    let (m, k, ε) = (Double(y.count), Double(selected.count), Double.ulpOfOne)
    let size = k.squareRoot()
    #expect(norm(gradient) <= m * k * ε * size * (size * norm(c) + norm(y)), "gradient")
    let magnitude = c.reduce(0) { $0 + abs($1) } + norm(y)
    #expect(abs(solution.residualNorm - norm(residual)) <= (k + 4) * ε * magnitude, "residual")
  }

  /// ‖v‖₂, also where squares leave the range.
  private func norm(_ v: [Double]) -> Double {
    let largest = v.reduce(0) { max($0, abs($1)) }
    guard largest > 0 else { return 0 }
    return largest * v.reduce(0) { $0 + ($1 / largest) * ($1 / largest) }.squareRoot()
  }
}
