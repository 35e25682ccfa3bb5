import Extension
import Foundation
import SparseRecovery
import SparseRecoveryTesting
import Testing

@Suite struct ExtensionTests {
  @Test(arguments: [1, 2, 17]) func theOperatorConforms(width: Int) throws {
    try expectConformance(
      of: Circulant(size: 40, kernel: (0..<width).map { 1 / Double(1 + $0) }))
  }

  @Test func theBackendConforms() throws {
    try expectConformance(of: ArrayBackend(), precisions: [.double])
  }

  @Test func theSolverConforms() throws {
    var regression = RecoveryModel()
    regression.hasIntercept = true
    regression.weights = (0..<40).map { 1 + Double($0 % 3) }
    for model in [RecoveryModel(), regression] {
      try expectConformance(of: MatchingPursuit(), model: model)
      try expectConformance(of: MatchingPursuit(), model: model, on: ArrayBackend())
    }
  }

  @Test func theLossConforms() throws {
    try expectConformance(of: Gamma(), observations: [0.1, 1, 2.5, 40])
    var regression = RecoveryModel()
    regression.hasIntercept = true
    for model in [RecoveryModel(), regression] {
      for solver in [SEA(), OMP(), SP()] as [any IterativeSolver] {
        try expectConformance(
          of: solver, model: model, loss: Gamma(), observed: { exp($0) },
          on: ArrayBackend())
      }
    }
  }
}
