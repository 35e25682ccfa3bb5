import Glibc
import SparseCore
import SyntheticProblems

/// A loss minimised by Newton's method in plain loops, with the constant and the columns included as columns like
/// the others: what the package's minimiser is held against.
struct LiteralFit {
  let coefficients: [Double]
  /// The loss without the ridge.
  let value: Double
  /// The loss with it.
  let objective: Double

  /// - Parameter ridges: for each column what is added to the loss for c², twice.
  init(
    _ loss: any Loss, _ columns: [[Double]], _ y: [Double], weights: [Double], ridges: [Double]
  ) {
    func objective(_ c: [Double]) -> (LossPoint, Double) {
      let η = y.indices.map { i in zip(columns, c).reduce(0) { $0 + $1.0[i] * $1.1 } }
      let point = loss.evaluate(η, y, weights: weights)
      return (point, point.value + zip(c, ridges).reduce(0) { $0 + $1.0 * $1.0 * $1.1 / 2 })
    }
    var c = columns.map { _ in 0.0 }
    var (point, least) = objective(c)
    // A majorant of the curvature takes long: each step falls short by the same share.
    for _ in 0..<2000 {
      let g = columns.indices.map { p in
        y.indices.reduce(ridges[p] * c[p]) { $0 + columns[p][$1] * point.gradient[$1] }
      }
      let h = columns.indices.map { p in
        columns.indices.map { q in
          y.indices.reduce(p == q ? ridges[p] : 0) {
            $0 + columns[p][$1] * point.curvature[$1] * columns[q][$1]
          }
        }
      }
      let d = solve(h, g)
      var t = 1.0
      while t > 1e-9 {
        let next = zip(c, d).map { $0 - t * $1 }
        let (there, value) = objective(next)
        // Rounding of the value must not keep c from its last digits.
        if value <= least * (1 + 1e-13) {
          (c, point, least) = (next, there, value)
          break
        }
        t /= 2
      }
      if t <= 1e-9 || zip(c, d).allSatisfy({ abs($1) <= 1e-13 * abs($0) }) { break }
    }
    self.init(coefficients: c, value: point.value, objective: least)
  }

  private init(coefficients: [Double], value: Double, objective: Double) {
    (self.coefficients, self.value, self.objective) = (coefficients, value, objective)
  }

  /// The fit with zeros for columns that it has not, so that the first `count` coefficients are those at `places` and
  /// zeros.
  func extended(to count: Int, at places: [Int]) -> LiteralFit {
    var c = [Double](repeating: 0, count: count)
    for (place, own) in zip(places, coefficients) { c[place] = own }
    return LiteralFit(
      coefficients: c + coefficients.dropFirst(places.count), value: value, objective: objective)
  }
}

/// H⁻¹ g by elimination with pivots.
private func solve(_ h: [[Double]], _ g: [Double]) -> [Double] {
  var rows = zip(h, g).map { $0 + [$1] }
  let n = g.count
  for p in 0..<n {
    let pivot = (p..<n).max { abs(rows[$0][p]) < abs(rows[$1][p]) } ?? p
    rows.swapAt(p, pivot)
    for q in 0..<n where q != p {
      let factor = rows[q][p] / rows[p][p]
      for j in p...n { rows[q][j] -= factor * rows[p][j] }
    }
  }
  return (0..<n).map { rows[$0][n] / rows[$0][$0] }
}

/// A regression with few columns that matter: labels drawn by their logistic probabilities, or numbers with some
/// outliers.
struct LossSample {
  let matrix: Matrix<Double>
  let labels: [Double]
  let numbers: [Double]

  /// - Parameter offset: what is added to every entry of A.
  init(rows: Int, columns: Int, seed: UInt64, offset: Double = 0) throws {
    var generator = SeededGenerator(seed: seed)
    let entries = (0..<rows * columns).map { _ in generator.normal() }
    matrix = try Matrix(rows: rows, columns: columns, columnMajor: entries.map { $0 + offset })
    let scores = (0..<rows).map { (i: Int) -> Double in
      let signal = 1.5 * entries[i] - 1.2 * entries[2 * rows + i]
      return 0.4 + signal + entries[(columns - 1) * rows + i]
    }
    labels = scores.map { generator.uniform() < 1 / (1 + exp(-$0)) ? 1 : 0 }
    numbers = scores.enumerated().map { i, score in
      score + 0.3 * generator.normal() + (i % 7 == 0 ? 8 : 0)
    }
  }

  func column(_ j: Int) -> [Double] { (0..<matrix.rows).map { matrix[$0, j] } }
}
