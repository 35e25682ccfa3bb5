import LeastSquares
import SparseCore
import Synchronization

/// Bounds nodes of a ``SearchTree`` whose candidates have a Gram matrix.
struct NarrowNodes: Sendable {
  private let isNonnegative: Bool
  /// The most atoms of a support.
  private let k: Int
  private let target: Double
  private let interruption: Interruption

  init(
    isNonnegative: Bool, atMost k: Int, below target: Double, until interruption: Interruption
  ) {
    (self.isNonnegative, self.k) = (isNonnegative, k)
    (self.target, self.interruption) = (target, interruption)
  }

  /// So many steps are spent on a bound at most.
  private static var steps: Int { 200 }

  /// Bounds the loss of the supports of a node and settles candidates, until there is nothing left below the target or
  /// nothing more to settle.
  ///
  /// - Parameter root: the loss of supports among atoms that include all of the node.
  func outcome(
    of node: SearchTree.Node, _ root: QuadraticLoss
  ) throws(RecoveryError) -> SearchTree.Outcome {
    var node = node
    var outcome = SearchTree.Outcome()
    while true {
      let left = k - node.chosen.count
      if left == 1, !isNonnegative, node.candidateCount > 1 {
        let (entries, dependent) = root.entries(choosing: node.chosen, among: node.candidates)
        if !dependent.isEmpty { outcome.spans.append((node.chosen, dependent)) }
        outcome.work += 1e4 + Double(k * node.candidateCount * (k + 1))
        outcome.found = entries.filter { $0.loss < target }
          .map { (node.chosen + [$0.atom]).sorted() }
        return outcome
      }
      let (loss, dependent) = root.choosing(node.chosen, among: node.candidates)
      // Under signs an atom in the span of others may lie outside of their cone.
      if !isNonnegative, !dependent.isEmpty { node.candidates = loss.candidates }
      if !dependent.isEmpty { outcome.spans.append((node.chosen, dependent)) }
      let n = Double(loss.count)
      // Two flops a nanosecond for the chosen atoms, and fifteen for the factors of LAPACK.
      outcome.work += 1e4 + n * n * Double(node.chosen.count + 1)
      guard left > 0, node.candidateCount > left else {
        outcome.found = [(left > 0 ? node.chosen + node.candidates : node.chosen).sorted()]
        return outcome
      }
      let bound = try loss.bound(
        atMost: left, target: target, isNonnegative: isNonnegative, steps: Self.steps,
        isCancelled: { interruption.reason != nil })
      outcome.work += 0.2 * n * n * n
      guard let bound else {
        outcome.children = node.children(at: loss.mostDependent ?? node.candidates[0])
        return outcome
      }
      outcome.work += Double(bound.steps) * (n * n * Double(loss.planes) / 2 + 100 * n)
      node.bound = max(node.bound, bound.loss)
      guard node.bound < target, interruption.reason == nil else { return outcome }
      let (chosen, leftOut) = bound.settled(atMost: left, target: target)
      guard !chosen.isEmpty || !leftOut.isEmpty else {
        outcome.children = node.children(at: loss.candidates[bound.mostWeighted])
        outcome.found = [
          (node.chosen + bound.largest(left).map { loss.candidates[$0] }).sorted()
        ]
        return outcome
      }
      node.settle(chosen.map { loss.candidates[$0] }, leftOut.map { loss.candidates[$0] })
    }
  }
}

/// What `body` makes of every element, on several threads at once.
func concurrently<Element: Sendable, Result: Sendable>(
  _ elements: [Element], threads: Int,
  _ body: @Sendable (Element) throws(RecoveryError) -> Result
) throws(RecoveryError) -> [Result] {
  typealias Answer = Swift.Result<Result, RecoveryError>
  let answers = Mutex([Answer?](repeating: nil, count: elements.count))
  Blocks(count: elements.count, size: 1, threads: threads).forEach { place, _ in
    let answer = Answer { () throws(RecoveryError) in try body(elements[place]) }
    answers.withLock { $0[place] = answer }
  }
  var results: [Result] = []
  for answer in answers.withLock({ $0 }) {
    if let result = try answer?.get() { results.append(result) }
  }
  return results
}
