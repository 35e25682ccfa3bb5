import LeastSquares
import SparseCore

/// What searches on the host compute once for one set of atoms, whatever the observation.
final class HostCopies {
  private let problem: RecoveryProblem
  private let memory: Int
  private var storedAtoms: HostAtoms?
  private var storedGram: [Double]?

  /// - Parameter memory: the most bytes for a copy of the atoms.
  init(_ problem: RecoveryProblem, memory: Int) {
    self.problem = problem
    self.memory = min(memory, Self.mostBytes)
  }

  /// Beside it there may be another of its size, rotated: 64 MiB in all.
  private static var mostBytes: Int { 32 << 20 }

  /// All atoms that may be selected, or nil where they take too much memory.
  func atoms() -> HostAtoms? {
    guard 8 * problem.rows * problem.atoms.usableColumns <= memory else { return nil }
    if let storedAtoms { return storedAtoms }
    let atoms = HostAtoms(problem)
    storedAtoms = atoms
    return atoms
  }

  /// The Gram matrix of all these atoms, where they are few.
  func gram() -> [Double]? {
    guard let atoms = atoms(), atoms.count <= WorkingSetSize.few else { return nil }
    if let storedGram { return storedGram }
    let gram = atoms.gram()
    storedGram = gram
    return gram
  }
}
