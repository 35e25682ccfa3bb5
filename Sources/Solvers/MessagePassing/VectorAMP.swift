import Glibc
import LeastSquares
import SparseCore

/// Vector approximate message passing on atoms in the host's memory: Rangan, Schniter and Fletcher
/// 2019, doi:10.1109/TIT.2019.2916359.
///
/// Between the prior, which knows every coefficient by itself, and y = A x + noise, which knows them all
/// together, go messages: a vector, and the precision γ with which it stands for the truth. It needs no
/// engine, and many runs may go on at once.
struct VectorAMP: Sendable {
  /// The atoms.
  let atoms: RotatedAtoms
  /// ρ, the share of nonzeros.
  let share: Double
  /// k.
  let sparsity: Int
  /// √(‖y‖² / k), the unit of coefficients.
  let unit: Double
  /// The mean squares of the nonzeros in each plane, of sum 1.
  let meanSquares: [Double]
  /// The observations.
  private let planes: PrincipalPlanes
  /// Qᵀy / unit of each plane.
  private let rotated: [[Double]]
  /// ‖QᵀY‖²_F / unit².
  private let energy: Double
  private let isOneSided: Bool

  /// At most so many iterations, and so many without a tangible fall of the variance.
  private static var most: Int { 300 }
  private static var patience: Int { 40 }
  /// The prior is learned once the first iterations, which are far off, are over.
  private static var learnsFrom: Int { 4 }
  /// The noise is learned from the second residual on.
  private static var learnsNoiseFrom: Int { 2 }
  /// The range of what one message adds to another: beyond it lies rounding only. Coefficients have size
  /// one.
  private static var precisions: ClosedRange<Double> { 1e-11...1e13 }
  /// The range of the share of a precision that a message keeps.
  private static var shares: ClosedRange<Double> { 1e-8...(1 - 1e-8) }
  /// The precision of no noise.
  private static var noNoise: Double { 1e10 }
  /// How much the logarithm of a precision that is learned may change in an iteration, for variances under it to compare.
  /// From .03 to .1 losses on noisy problems are much the same, and smaller than with less or more.
  fileprivate static var settledChange: Double { 0.05 }
  /// A variance at which the support is certain.
  private static var certainty: Double { 1e-9 }

  /// How many atoms there are.
  var count: Int { atoms.count }

  /// - Parameters:
  ///   - atoms: those of the problem.
  ///   - problem: with an observation that is not zero.
  ///   - sparsity: k, from 1 to the number of atoms.
  /// - Throws: ``RecoveryError/lapackFailure(routine:code:)``, for several observations.
  init(
    _ atoms: RotatedAtoms, _ problem: RecoveryProblem, sparsity: Int
  ) throws(RecoveryError) {
    self.atoms = atoms
    self.sparsity = sparsity
    isOneSided = problem.model.isNonnegative
    share = Double(sparsity) / Double(atoms.count)
    let planes = try PrincipalPlanes(problem.scaledPlanes, count: problem.planes)
    let unit = planes.entries.norm / Double(sparsity).squareRoot()
    let all = planes.energies.reduce(0, +)
    let rotated = (0..<planes.count).map { atoms.rotated(planes[$0]).map { $0 / unit } }
    meanSquares = planes.energies.map { $0 / all }
    // Of observations that no atom explains only rounding is left.
    energy = max(
      rotated.reduce(0) { $0 + $1.squaredNorm }, .ulpOfOne * Double(sparsity))
    self.rotated = rotated
    self.planes = planes
    self.unit = unit
  }

  /// What a run ends with.
  struct Outcome: Sendable {
    /// x + noise of variance `variance`, one number an atom of unit length and plane, plane after plane, in √(‖y‖² / k):
    /// its largest rows are those of the estimate.
    var scores: [Double]
    /// The smallest variance, summed over the planes, relative to ‖y‖² / k; where the noise is learned, of those under
    /// the precision learned.
    var variance: Double
    /// How many iterations it took.
    var iterations: Int
  }

  /// What a run begins with that starts from coefficients of the atoms of the problem.
  func start(_ x: SparseVector) -> [Double] {
    var start = [Double](repeating: 0, count: count * planes.count)
    let places = Dictionary(uniqueKeysWithValues: zip(atoms.columns, atoms.columns.indices))
    for (p, j) in x.support.enumerated() {
      guard let place = places[j] else { continue }
      let row = planes.turned((0..<x.planes).map { x.coefficients[$0 * x.support.count + p] })
      for (l, c) in row.enumerated() {
        start[l * count + place] = c * atoms.lengths[place] / unit
      }
    }
    return start
  }

  /// A run: 4 · m · n flops an iteration for each plane, and n exponentials or two.
  ///
  /// - Parameter deadline: when to end with what there is, looked at every few iterations.
  func callAsFunction(_ run: VAMPRun, until deadline: ContinuousClock.Instant? = nil) -> Outcome {
    let (n, count) = (atoms.count, atoms.count * planes.count)
    let messages = UnsafeMutableBufferPointer<Double>.allocate(capacity: 4 * count + atoms.rank)
    messages.initialize(repeating: 0)
    defer { messages.deallocate() }
    func part(_ index: Int, _ length: Int) -> UnsafeMutableBufferPointer<Double> {
      UnsafeMutableBufferPointer(rebasing: messages[index * count..<index * count + length])
    }
    let (scores, e) = (part(3, count), part(4, atoms.rank))
    if let start = run.start, start.count == count {
      _ = part(2, count).update(fromContentsOf: start)
    }
    let logOdds = run.logOdds.flatMap { $0.count == n ? $0 : nil }
    let (variance, iterations) = logOdds.withUnsafePointer {
      exchange(run, part(0, count), part(1, count), part(2, count), e, into: scores, $0, deadline)
    }
    return Outcome(scores: Array(scores), variance: variance, iterations: iterations)
  }

  /// The columns of the `count` largest scores, in ascending order. O(n) for each observation.
  func support(_ outcome: Outcome, _ count: Int) -> [Int] {
    planes.support(
      count, of: outcome.scores, columns: atoms.columns, isNonnegative: isOneSided)
  }

  /// The messages from x = 0 and r₂ on; `scores` becomes r₁ at its smallest variance.
  private func exchange(
    _ run: VAMPRun, _ x: UnsafeMutableBufferPointer<Double>,
    _ r1: UnsafeMutableBufferPointer<Double>, _ r2: UnsafeMutableBufferPointer<Double>,
    _ e: UnsafeMutableBufferPointer<Double>, into scores: UnsafeMutableBufferPointer<Double>,
    _ logOdds: UnsafePointer<Double>?, _ deadline: ContinuousClock.Instant?
  ) -> (variance: Double, iterations: Int) {
    guard let xStart = x.baseAddress else { return (.infinity, 0) }
    let n = atoms.count
    var prior = SparsePrior(
      share: share, meanSquares: meanSquares,
      meanShares: planes.meanShares(run.meanShare, isOneSided: isOneSided), isOneSided: isOneSided)
    var messages = meanSquares.map { meanSquare in
      PlaneMessages(
        γ2: 1 / (share * meanSquare),
        precision: LinearMessage(
          noise: run.noise == .none ? Self.noNoise : 100 * Double(atoms.rank) / energy,
          most: 1e13 / energy, isSettled: run.noise == .none))
    }
    var (best, lastFall) = (Double.infinity, 0)
    for t in 0..<Self.most {
      if let deadline, t > 0, t % 8 == 0, ContinuousClock.now >= deadline { return (best, t) }
      let weight = t == 0 ? 1 : run.damping
      for l in messages.indices {
        let own = l * n..<(l + 1) * n
        let (r1, r2) = (
          UnsafeMutableBufferPointer(rebasing: r1[own]),
          UnsafeMutableBufferPointer(rebasing: r2[own])
        )
        let γ2 = messages[l].γ2
        // x₂ = r₂ + Bᵀ d is the estimate by least squares; α its precision relative to that of r₂.
        _ = e.update(fromContentsOf: rotated[l])
        atoms.subtractImage(of: r2, from: e)
        let kept = messages[l].precision.weigh(
          e, atoms.eigenvalues, prior: γ2, columns: Double(n),
          learns: run.noise == .learned && t >= Self.learnsNoiseFrom)
        // r₁ is what x₂ says beyond r₂.
        let η = γ2 / kept.clamped(to: Self.shares)
        let γ = (η - γ2).clamped(to: Self.precisions)
        let γ1 =
          t == 0 ? γ : 1 / (run.damping / γ + (1 - run.damping) / messages[l].γ1)
        guard γ1 > 0, γ1.isFinite else { return (best, t) }
        messages[l].γ1 = γ1
        atoms.correlate(e, times: weight * η / γ, keeping: 1 - weight, in: r1)
        let carried = weight * (η - γ2) / γ
        for i in r1.indices { r1[i] += carried * r2[i] }
      }
      let noise = messages.map { 1 / $0.γ1 }
      let variance = noise.reduce(0, +)
      // One that was claimed under less noise is no smaller one.
      if !messages.allSatisfy(\.precision.isSettled) { (best, lastFall) = (.infinity, t) }
      if variance < best {
        if variance < 0.99 * best { lastFall = t }
        best = variance
        _ = scores.update(fromContentsOf: r1)
      }
      if best < Self.certainty || t - lastFall > Self.patience { return (best, t + 1) }
      let moments = prior.denoise(
        UnsafeBufferPointer(r1), noise: noise, logOdds: logOdds, into: xStart)
      guard moments.change > 1e-20 * moments.squaredNorm else { return (best, t + 1) }
      if t >= Self.learnsFrom { prior.learn(moments) }
      // r₂ is what x says beyond r₁.
      for l in messages.indices {
        let γ1 = messages[l].γ1
        let sharpened = γ1 / (moments.planes[l].variance * γ1).clamped(to: Self.shares)
        let γ2 = (sharpened - γ1).clamped(to: Self.precisions)
        messages[l].γ2 = γ2
        let (own, other) = (sharpened / γ2, γ1 / γ2)
        for i in l * n..<(l + 1) * n { r2[i] = own * x[i] - other * r1[i] }
      }
    }
    return (best, Self.most)
  }
}

/// The messages of one plane.
private struct PlaneMessages {
  /// The precision of r₁.
  var γ1 = 0.0
  /// The precision of r₂.
  var γ2: Double
  var precision: LinearMessage
}

/// What least squares makes of a message: it knows the precision of the noise.
private struct LinearMessage {
  /// The precision of the noise.
  var noise: Double
  /// The most precision that is learned.
  let most: Double
  /// Whether the precision is known, or was learned and stands.
  var isSettled: Bool

  /// The share of a learned precision, in its logarithm.
  private static var step: Double { 0.3 }

  /// e ← d with x₂ = r₂ + Bᵀ d, for e = Qᵀy − B r₂; learns the noise if asked to. O(r).
  ///
  /// - Parameter γ: the precision of r₂.
  /// - Returns: the mean share of γ in the precision of x₂.
  mutating func weigh(
    _ e: UnsafeMutableBufferPointer<Double>, _ eigenvalues: [Double], prior γ: Double,
    columns n: Double, learns: Bool
  ) -> Double {
    var (trace, square) = (0.0, 0.0)
    for i in e.indices {
      let λ = eigenvalues[i]
      let q = 1 / (noise * λ + γ)
      let left = e[i] * γ * q
      square += left * left + λ * q
      trace += noise * q * λ
      e[i] *= noise * q
    }
    if learns {
      // By what is left in the directions of the atoms alone: a rotation of the rows, and counting equal ones, leave these.
      let learned = min(Double(e.count) / max(square, 1e-300), most)
      let before = log(noise)
      noise = exp((1 - Self.step) * before + Self.step * log(learned))
      isSettled = abs(log(noise) - before) < VectorAMP.settledChange
    }
    return 1 - trace / n
  }
}

extension Double {
  /// The nearest number in `range`.
  fileprivate func clamped(to range: ClosedRange<Double>) -> Double {
    min(max(self, range.lowerBound), range.upperBound)
  }
}

extension [Double]? {
  /// Lends the numbers, or nil.
  fileprivate func withUnsafePointer<Result>(
    _ body: (UnsafePointer<Double>?) -> Result
  ) -> Result {
    guard let self else { return body(nil) }
    return self.withUnsafeBufferPointer { body($0.baseAddress) }
  }
}
