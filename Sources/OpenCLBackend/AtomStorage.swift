internal import SparseCore

/// How precisely a device keeps the atoms. Vectors and sums have the precision of the engine all the
/// same.
///
/// Products are bound by the memory that A is read from: half the bytes, half the time, and twice as
/// large a matrix on the device. What the rounding of atoms may change is known beforehand
/// (``Engine/storageRoundoff``), so blocked exploration visits the same supports in every storage:
/// magnitudes too close to tell apart are computed anew from A itself. Solvers that take the
/// correlations as they come, and a step size that is not given, feel the rounding.
public enum AtomStorage: String, Sendable, CaseIterable {
  /// As precisely as the engine computes.
  case full
  /// 4 bytes a number, wrong by 2⁻²⁴ of an atom; in single precision the same as `full`.
  case single
  /// 2 bytes a number, wrong by 2⁻¹¹ of an atom.
  case half
}
