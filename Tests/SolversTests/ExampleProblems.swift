import MatrixFiles
import SparseCore

/// A problem of the folder Examples, with the mean of every column and of the observation taken out.
func exampleProblem(_ name: String, degree: Int = 1) throws -> RecoveryProblem {
  let folder = #filePath.split(separator: "/").dropLast(3).joined(separator: "/")
  let path = "/\(folder)/Examples/\(name)"
  guard case .double(let matrix) = try MatrixFile.read("\(path)/A.csv", header: true) else {
    preconditionFailure("text is read in double precision")
  }
  var columns = (0..<matrix.columns).map { j in
    centred((0..<matrix.rows).map { matrix[$0, j] })
  }
  if degree == 2 {
    // Unit columns first, so that no unit of measurement has a say in the products.
    columns = columns.map { column in
      let norm = column.squaredNorm.squareRoot()
      return column.map { $0 / norm }
    }
    let linear = columns
    for i in linear.indices {
      for j in i..<linear.count { columns.append(centred(zip(linear[i], linear[j]).map(*))) }
    }
  }
  return try RecoveryProblem(
    matrix: .double(
      Matrix(rows: matrix.rows, columns: columns.count, columnMajor: columns.flatMap { $0 })),
    observation: centred(MatrixFile.readVector("\(path)/y.csv", header: true)))
}

private func centred(_ column: [Double]) -> [Double] {
  let mean = column.reduce(0, +) / Double(column.count)
  return column.map { $0 - mean }
}
