import Dispatch
public import SparseCore
import Synchronization
import SyntheticProblems
import Testing

/// What every linear operator must do: its products are those of its columns, and its bits the same in
/// every call, on any number of threads.
///
/// Reads every column a few times: for small operators. A sum of c products is off by c roundings of the sum of magnitudes at most (Higham 2002, §3.1), on
/// either side.
public func expectConformance(of a: any LinearOperator, seed: UInt64 = 1) throws {
  var generator = SeededGenerator(seed: seed)
  let (m, n) = (a.rows, a.columns)
  let columns = try (0..<n).map(a.column)
  #expect(a.fingerprint == a.fingerprint)

  // Any order, and a column twice.
  let order = Array((0..<n).reversed()) + [0]
  #expect(try block(order, of: a) == order.flatMap { columns[$0] })
  #expect(try block([], of: a).isEmpty)

  let (x, r) = (generator.symmetric(n), generator.symmetric(m))
  let image = try applied(a, x)
  for i in 0..<m {
    let terms = (0..<n).map { columns[$0][i] * x[$0] }
    let size = terms.reduce(0) { $0 + abs($1) }
    #expect(abs(image[i] - terms.reduce(0, +)) <= 2 * Double(n) * Double.ulpOfOne * size)
  }
  let correlations = try adjoint(a, r)
  for j in 0..<n {
    let terms = (0..<m).map { columns[j][$0] * r[$0] }
    let size = terms.reduce(0) { $0 + abs($1) }
    #expect(abs(correlations[j] - terms.reduce(0, +)) <= 2 * Double(m) * Double.ulpOfOne * size)
  }

  let weights = (0..<m).map { (i: Int) -> Double in i % 3 == 0 ? 0 : 0.5 + Double(i % 5) }
  for weights in [nil, weights] {
    try expectInnerProducts(of: a, columns, weights: weights)
  }

  let isSteady = Mutex(true)
  DispatchQueue.concurrentPerform(iterations: 8) { _ in
    let isSame =
      (try? applied(a, x)) == image && (try? adjoint(a, r)) == correlations
      && (try? block(order, of: a)) == order.flatMap { columns[$0] }
    if !isSame { isSteady.withLock { $0 = false } }
  }
  let wasSteady = isSteady.withLock { $0 }
  #expect(wasSteady)
}

/// Inner products and norms, where the operator gives any, are those of its columns.
private func expectInnerProducts(
  of a: any LinearOperator, _ columns: [[Double]], weights: [Double]?
) throws {
  let (m, n) = (a.rows, a.columns)
  func product(_ i: Int, _ j: Int) -> (value: Double, size: Double) {
    (0..<m).reduce(into: (0.0, 0.0)) { sum, row in
      let term = columns[i][row] * columns[j][row] * (weights?[row] ?? 1)
      sum.0 += term
      sum.1 += abs(term)
    }
  }
  let norms = (0..<n).map { product($0, $0).value }
  if let squares = try a.squaredNorms(weights: weights) {
    #expect(squares.count == n)
    for (found, expected) in zip(squares, norms) {
      #expect(abs(found - expected) <= 2 * Double(m + 1) * Double.ulpOfOne * expected)
    }
  }
  // Lists that overlap, one of them in any order.
  let (I, J) = (Array((0..<n).reversed()), Array(stride(from: 0, to: n, by: 2)))
  guard let products = try a.gram(I, J, weights: weights) else {
    #expect(try a.gram([0], [0], weights: weights) == nil)
    return
  }
  #expect(products.count == I.count * J.count)
  for (q, j) in J.enumerated() {
    for (p, i) in I.enumerated() {
      let error = abs(products[p + q * I.count] - product(i, j).value)
      let size = (norms[i] * norms[j]).squareRoot()
      #expect(error <= 2 * Double(m + 1) * Double.ulpOfOne * size)
    }
  }
  #expect(try a.gram(I, J, weights: weights) == products)
}

private func block(
  _ columns: [Int], of a: any LinearOperator
) throws(RecoveryError) -> [Double] {
  var block = [Double](repeating: .nan, count: a.rows * columns.count)
  var span = block.mutableSpan
  try a.copyColumns(columns, into: &span)
  return block
}

private func applied(_ a: any LinearOperator, _ x: [Double]) throws(RecoveryError) -> [Double] {
  var y = [Double](repeating: .nan, count: a.rows)
  var span = y.mutableSpan
  try a.apply(x.span, into: &span)
  return y
}

private func adjoint(_ a: any LinearOperator, _ r: [Double]) throws(RecoveryError) -> [Double] {
  var z = [Double](repeating: .nan, count: a.columns)
  var span = z.mutableSpan
  try a.adjoint(r.span, into: &span)
  return z
}
