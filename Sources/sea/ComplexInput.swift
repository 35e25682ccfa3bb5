import Arguments
import Glibc
import SparseRecovery

/// Vectors as a file holds them, in whose place those of parts stand where one of them is complex.
struct FileVectors {
  /// Numbers, or the parts of complex ones in turns.
  let numbers: [[Double]]
  let areComplex: Bool

  /// How many numbers each has, complex ones where they are.
  var length: Int { numbers[0].count / (areComplex ? 2 : 1) }

  /// Where the first is not zero.
  var support: [Int] {
    let parts = areComplex ? 2 : 1
    return (0..<length).filter { j in (0..<parts).contains { numbers[0][parts * j + $0] != 0 } }
  }

  /// As the parts of complex numbers, whatever they are.
  var parts: [[Double]] { areComplex ? numbers : numbers.map { $0.flatMap { [$0, 0] } } }
}

/// A and what is observed of it, one of which is complex.
enum ComplexInput {
  /// Refuses what is for real numbers alone: models of `sea predict`.
  ///
  /// - Throws: ``UsageError``.
  static func check(_ arguments: ParsedArguments) throws(UsageError) {
    guard arguments.isGiven(FittedModel.option.name) else { return }
    throw .excludedOption(option: "--\(FittedModel.option.name)", by: "complex numbers")
  }

  /// The real form of a matrix that was read: of a real one with imaginary parts of zero.
  ///
  /// - Throws: what ``ComplexMatrix`` and ``SparseMatrix`` do.
  static func realForm(
    of matrix: any LinearOperator
  ) throws(RecoveryError) -> any LinearOperator {
    switch matrix {
    case let matrix as DenseMatrix: return try ComplexMatrix(real: matrix)
    case let matrix as SparseMatrix:
      return try SparseMatrix(
        complexRows: matrix.rows, columns: matrix.columns, starts: matrix.starts,
        rowIndices: matrix.rowIndices.map(Int.init), parts: matrix.values.flatMap { [$0, 0] })
    default: return matrix
    }
  }
}

extension DenseMatrix {
  /// The columns, m numbers each.
  var columnVectors: [[Double]] { (0..<columns).map { j in (0..<rows).map { self[$0, j] } } }
}

extension SparseSolution {
  /// The coefficients for a person, complex ones as `1.5 − 2i`.
  var coefficientTexts: [String] {
    guard let imaginaryParts else { return coefficients.map { $0.significant(6) } }
    return zip(coefficients, imaginaryParts).map { re, im in
      "\(re.significant(6)) \(im < 0 ? "−" : "+") \(abs(im).significant(6))i"
    }
  }

  /// The coefficients, or the magnitudes of complex ones.
  var coefficientSizes: [Double] {
    imaginaryParts.map { zip(coefficients, $0).map { hypot($0, $1) } } ?? coefficients
  }
}
