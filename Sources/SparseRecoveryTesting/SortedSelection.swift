package import SparseCore

/// The definition of a selection, first half: all indices by falling magnitude, ignored bits rounded
/// away, then by rising index.
package func ranking(of z: [Double], _ precision: Precision) -> [Int] {
  let magnitudes = z.map { value in
    guard precision == .double, value.isFinite else { return abs(value) }
    let grid = value.ulp * 0x1p20
    return grid * (abs(value) / grid).rounded()
  }
  return magnitudes.withUnsafeBufferPointer { magnitudes in
    magnitudes.indices.sorted { (magnitudes[$0], $1) > (magnitudes[$1], $0) }
  }
}

/// The definition, second half: the first k of the ranking, in ascending order.
package func selection(_ k: Int, of z: [Double], _ ranking: [Int]) -> Selection {
  let indices = ranking.prefix(k).sorted()
  return Selection(indices: indices, values: indices.map { z[$0] })
}
