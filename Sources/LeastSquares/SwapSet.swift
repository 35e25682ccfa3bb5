import COpenBLAS
import SparseCore

/// Atoms among which supports are searched by exchanging one for another, with their Gram matrix.
///
/// 8 · |W| · (m + |W|) bytes, shared by all walks on them.
package struct SwapSet: Sendable {
  /// The atoms.
  package let atoms: HostAtoms
  /// A_WᵀA_W with the ridge on its diagonal, |W| × |W|.
  package let gram: [Double]
  /// y, of length m.
  package let observation: [Double]
  /// A_Wᵀ y.
  package let correlations: [Double]

  /// How many atoms there are, |W|.
  package var count: Int { atoms.count }

  /// m · |W|² flops.
  package init(_ atoms: HostAtoms, observation: [Double]) {
    self.init(atoms, gram: atoms.gram(), observation: observation)
  }

  /// Where the Gram matrix is known.
  package init(_ atoms: HostAtoms, gram: [Double], observation: [Double]) {
    self.atoms = atoms
    self.gram = gram
    self.observation = observation
    correlations = atoms.correlate(observation)
  }
}
