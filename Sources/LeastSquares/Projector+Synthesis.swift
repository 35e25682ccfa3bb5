package import SparseCore

extension Projector {
  /// A_S c − y for coefficients c of the atoms of `support`: 2 · m · k flops.
  package mutating func synthesize(
    _ c: [Double], on support: [Int], minus y: [Double]
  ) throws(RecoveryError) -> [Double] {
    try slots.load(support, into: &places)
    var r = [Double](repeating: 0, count: y.count)
    slots.synthesize(c, at: places, minus: y, into: &r)
    return r
  }

  /// A_Sᵀ r for the atoms of `support`: 2 · m · k flops.
  package mutating func correlate(_ r: [Double], with support: [Int]) throws(RecoveryError)
    -> [Double]
  {
    try slots.load(support, into: &places)
    var h = [Double](repeating: 0, count: support.count)
    slots.correlate(r, at: places, into: &h)
    return h
  }
}
