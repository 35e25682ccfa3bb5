import SparseCore

/// By how much ‖r‖² becomes smaller when one atom leaves and each of a block of atoms enters.
struct Decreases {
  private let values: UnsafeMutableBufferPointer<Double>

  /// Writes the decreases over `c`, which holds c_ij.
  init(
    _ c: UnsafeMutableBufferPointer<Double>, _ b: ArraySlice<Double>, _ w: [Double],
    _ floors: ArraySlice<Double>, loss t: Double
  ) {
    values = c
    b.withUnsafeBufferPointer { b in
      w.withUnsafeBufferPointer { w in
        floors.withUnsafeBufferPointer { floors in
          for j in c.indices {
            let distance = w[j] + c[j] * c[j]
            let decrease = b[j] * (b[j] + 2 * t * c[j]) - t * t * w[j]
            c[j] = distance > floors[j] ? decrease / distance : -.infinity
          }
        }
      }
    }
  }

  /// The first of the largest decreases that exceeds `least` by more than rounding.
  func best(above least: Double) -> (place: Int, decrease: Double)? {
    guard peak > least else { return nil }
    var best: (place: Int, decrease: Double)?
    for (place, value) in values.enumerated() where value > (best?.decrease ?? least) {
      if value.selectionKey > (best?.decrease ?? least).selectionKey { best = (place, value) }
    }
    return best
  }

  /// The largest value, eight at a time.
  private var peak: Double {
    var lanes = SIMD8<Double>(repeating: -.infinity)
    let whole = values.count / 8 * 8
    for place in stride(from: 0, to: whole, by: 8) {
      var entries = SIMD8<Double>()
      for lane in 0..<8 { entries[lane] = values[place + lane] }
      lanes = pointwiseMax(lanes, entries)
    }
    return (whole..<values.count).reduce(lanes.max()) { Swift.max($0, values[$1]) }
  }
}
