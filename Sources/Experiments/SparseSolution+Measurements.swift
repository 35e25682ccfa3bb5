import SparseRecovery

extension SparseSolution {
  /// What every experiment keeps of a solution, whatever its truth.
  var commonMeasurements: [JSON.Member] {
    [
      JSON.Member("relativeResidual", JSON(relativeResidual)),
      JSON.Member("loss", JSON(loss)),
      JSON.Member("iterations", JSON(iterations)),
      JSON.Member("passes", JSON(matrixPasses)),
    ]
  }
}
