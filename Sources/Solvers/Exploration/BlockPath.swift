import LeastSquares
import SparseCore

/// How the sum of residuals R moves through a block, seen from the working set alone.
///
/// With Cᵗ = Σ_{s<t} cˢ, Rᵗ − R⁰ = t y − A_W Cᵗ. In D = Rᵗ − (1−θ) Rᵃ − θ Rᵇ with θ = (t−a)/(b−a) the
/// observation cancels: D = A_W δ for δ = (1−θ) Cᵃ + θ Cᵇ − Cᵗ. And u on W gathers A_Wᵀy − (G + P) cˢ, with
/// the ridge P, so that uᵗ − (1−θ) uᵃ − θ uᵇ is (G + P) δ =: Δ. Hence ‖D‖² = δᵀGδ ≤ δᵀΔ: no product
/// with G, nothing of length m, and no difference of large numbers. Of several observations R, C and u are matrices,
/// read here as one long vector: ‖D‖ is the Frobenius norm, and the sum of δᵀΔ is its square.
struct BlockPath {
  /// Σ_{s<t} ‖y − A xˢ‖₂ for every t, which ‖Rᵗ − R⁰‖₂ does not exceed.
  let lengths: [Double]
  /// Σ_{s<t} (max‖a_j‖ ‖cˢ‖₁ + ‖y‖₂): what rounding is relative to.
  private let sizes: [Double]
  /// How many numbers of u belong to atoms selected in the block, and as much rounded up to whole vectors.
  private let breadth: Int
  private let stride: Int
  /// C and u on these atoms, a column a state.
  private let sums: [Double]
  private let exploratory: [Double]
  /// How far u may be from u⁰ + t A_Wᵀy − (G + P) C on these atoms, and C from the sum of the c.
  private let gradientError: Double
  private let sumError: Double

  private typealias Lanes = SIMD8<Double>

  /// O(|W| · T) for T states.
  init(_ block: Block, _ problem: RecoveryProblem) {
    let count = block.states.count
    var isSelected = [Bool](repeating: false, count: block.width)
    for t in 1..<count + 1 {
      for (p, c) in block.sum(t).enumerated() where c != 0 { isSelected[p] = true }
    }
    let positions = isSelected.indices.filter { isSelected[$0] }
    breadth = positions.count
    stride = (breadth + Lanes.scalarCount - 1) / Lanes.scalarCount * Lanes.scalarCount
    var sums = [Double](repeating: 0, count: stride * (count + 1))
    var exploratory = sums
    for t in 0...count {
      let (c, u) = (block.sum(t), block.exploratory(t))
      for (i, p) in positions.enumerated() {
        sums[t * stride + i] = c[c.startIndex + p]
        exploratory[t * stride + i] = u[u.startIndex + p]
      }
    }
    let (norm, y) = (problem.atoms.largestNorm, problem.scaledPlanes.squaredNorm.squareRoot())
    var (lengths, sizes) = ([0.0], [0.0])
    for (t, state) in block.states.enumerated() {
      var coefficients = 0.0
      for i in t * stride..<(t + 1) * stride { coefficients += abs(sums[i + stride] - sums[i]) }
      lengths.append(lengths[t] + state.residualNorm)
      sizes.append(sizes[t] + norm * coefficients + y)
    }
    // A gradient is off by (m + 3k + 4) u ‖a‖ (‖a‖ ‖c‖₁ + ‖y‖) as computed, and where it is set to zero;
    // sums of T numbers add T u relative to their size. ε = 2u covers higher orders.
    let k = block.states.first?.support.count ?? 0
    let terms = Double(problem.rows + 3 * k + 4 + count)
    let largest = exploratory.reduce(0) { max($0, abs($1)) }
    gradientError =
      Double.ulpOfOne * (terms * norm * (sizes.last ?? 0) + Double(count) * largest)
    sumError = 4 * Double.ulpOfOne * sums.reduce(0) { max($0, abs($1)) }
    (self.sums, self.exploratory) = (sums, exploratory)
    (self.lengths, self.sizes) = (lengths, sizes)
  }

  /// How far rounding may move Rᵗ when it is formed as R⁰ + t y − A_W C, for ‖R⁰‖₂ = `norm`.
  func formationError(of t: Int, from norm: Double) -> Double {
    Double.ulpOfOne * Double(breadth + 3) * (sizes[t] + norm)
  }

  /// An upper bound of ‖Rᵗ − (1−θ) Rᵃ − θ Rᵇ‖₂ for states a < t < b: 6 · |selected atoms| flops.
  func deviation(_ t: Int, between a: Int, and b: Int) -> Double {
    let θ = Double(t - a) / Double(b - a)
    var (square, coefficients, gradients) = (Lanes.zero, Lanes.zero, Lanes.zero)
    sums.withUnsafeBytes { sums in
      exploratory.withUnsafeBytes { exploratory in
        func lanes(_ values: UnsafeRawBufferPointer, _ state: Int, _ i: Int) -> Lanes {
          values.loadUnaligned(
            fromByteOffset: (state * stride + i) * MemoryLayout<Double>.stride, as: Lanes.self)
        }
        for i in Swift.stride(from: 0, to: stride, by: Lanes.scalarCount) {
          let δ = (1 - θ) * lanes(sums, a, i) - lanes(sums, t, i) + θ * lanes(sums, b, i)
          let Δ =
            lanes(exploratory, t, i) - (1 - θ) * lanes(exploratory, a, i)
            - θ * lanes(exploratory, b, i)
          square += δ * Δ
          coefficients += δ.replacing(with: -δ, where: δ .< .zero)
          gradients += Δ.replacing(with: -Δ, where: Δ .< .zero)
        }
      }
    }
    let (δ, Δ) = (coefficients.sum(), gradients.sum())
    let error =
      δ * gradientError + Δ * sumError
      + Double(breadth + 4) * Double.ulpOfOne * δ * (Δ + gradientError)
    return (max(square.sum(), 0) + error).squareRoot()
  }
}
