import SparseCore
import Testing

/// What a person is told: the facts, in words, and whose fault it is.
@Suite struct DescriptionTests {
  @Test(
    arguments: [
      (.emptyMatrix(rows: 0, columns: 3), .data, "the matrix is empty: 0 × 3"),
      (
        .matrixTooLarge(rows: 9, columns: 8), .data,
        "a 9 × 8 matrix is larger than can be addressed"
      ),
      (
        .outOfMemory(bytes: 80), .data,
        "a matrix needs 80 bytes, more memory than this machine gives"
      ),
      (.elementCount(expected: 6, found: 5), .data, "expected 6 matrix elements, found 5"),
      (
        .malformedSparseMatrix(expected: "a row from 0 to 4 for each entry", found: "5"), .data,
        "a sparse matrix: expected a row from 0 to 4 for each entry, found 5"
      ),
      (
        .columnNormOverflow(column: 4), .data,
        "column 4 of the matrix has a norm beyond the largest double"
      ),
      (
        .observationOutOfRange(index: 4, value: 2, expected: "0 or 1"), .data,
        "expected 0 or 1, found 2.0 at index 4 of the observation"
      ),
      (
        .lossFailure(loss: "huber\n", reason: "its curvature is 0 where its gradient is not"),
        .data,
        "the huber? loss failed: its curvature is 0 where its gradient is not"
      ),
      (
        .weightsLength(expected: 3, found: 2), .data,
        "expected 3 weights (the rows of the matrix), found 2"
      ),
      (
        .nonFiniteStart(index: 1, value: .infinity), .data,
        "expected finite numbers, found inf at index 1 of the start vector"
      ),
      (
        .noUsableColumn(columns: 7, zero: 7, explained: 0, excluded: 0), .data,
        "all 7 columns of the matrix are zero"
      ),
      (
        .noUsableColumn(columns: 7, zero: 0, explained: 0, excluded: 7), .data,
        "all 7 columns of the matrix are excluded"
      ),
      (
        .noUsableColumn(columns: 7, zero: 1, explained: 4, excluded: 2), .data,
        "none of the 7 columns of the matrix can be selected: 1 is zero, 4 are explained by the "
          + "intercept and the columns included, 2 are excluded"
      ),
      (
        .penaltyOverflow(column: 2, ridge: 1e300), .data,
        "the ridge 1e+300 is beyond the largest double beside the norm of column 2: expected a "
          + "smaller ridge, or columns of larger numbers"
      ),
      (
        .startOverflow(index: 3), .data,
        "entry 3 of the start vector is too large beside the observation and column 3 of the "
          + "matrix: expected coefficients of the size that explains the observation"
      ),
      (
        .resultOverflow(.coefficient(column: 1)), .data,
        "the coefficient of column 1 is beyond the largest double: multiply the matrix, or divide "
          + "the observation, by a power of ten"
      ),
      (
        .unsupportedModel(solver: "els", option: "a ridge"), .request,
        "els cannot solve with a ridge"
      ),
      (
        .cacheTooSmall(needed: 800, given: 80), .request,
        "the Gram columns of one support need 800 bytes, the cache has 80"
      ),
      (
        .tooManySupports(count: 1e9, most: 1000), .request,
        "an exhaustive search tries at most 1000 supports, here are 1000000000.0"
      ),
      (
        .atomsTooLarge(solver: "vamp", rows: 9, mostRows: 8, bytes: 80, mostBytes: 90), .request,
        "vamp works on a copy of the atoms: expected at most 8 rows and 90 bytes, found 9 rows and 80 bytes; "
          + "amp works on problems of any size"
      ),
      (
        .noSuchDevice(wanted: "7", found: ["a", "b"]), .device,
        "no OpenCL device matches 7; found: a; b"
      ),
      (
        .usedAfterFork(what: "OpenCL"), .device,
        "OpenCL cannot be used in a process that was forked from the one that began with it: expected a process "
          + "that was started anew"
      ),
      (
        .precisionUnsupported(device: "d", precision: .double), .device,
        "d cannot compute in double precision"
      ),
      (
        .deviceMemoryTooSmall(device: "d", needed: 9, limit: 8), .device,
        "d: the matrix needs 9 bytes of memory at least, and may take 8"
      ),
      (
        .deviceFailure(device: "d", call: "clFinish", code: -5, detail: ""), .device,
        "d: clFinish failed with code -5"
      ),
      (
        .deviceFailure(device: "d", call: "clBuildProgram", code: -11, detail: "log"), .device,
        "d: clBuildProgram failed with code -11: log"
      ),
      (
        .nonFiniteCorrelation(engine: "cpu", column: 2), .internal,
        "cpu: the correlation of column 2 with the residual is not a number"
      ),
      (
        .lapackFailure(routine: "dgelsd", code: 3), .internal, "LAPACK dgelsd failed with code 3"
      ),
    ] as [(RecoveryError, RecoveryError.Kind, String)])
  func errorsSayWhatWasFound(error: RecoveryError, kind: RecoveryError.Kind, text: String) {
    #expect("\(error)" == text)
    #expect(error.kind == kind)
  }

  @Test(
    arguments: [
      (.zeroColumns([3]), "column 3 is zero and was never a candidate"),
      (.zeroColumns([3, 5]), "2 columns are zero and were never candidates: 3, 5"),
      (
        .zeroColumns(Array(0..<7)),
        "7 columns are zero and were never candidates: 0, 1, 2, 3, 4, …"
      ),
      (
        .dependentColumns(rank: 2, sparsity: 3),
        "the 3 columns of the support have rank 2: the coefficients of least norm were chosen among many"
      ),
      (
        .unboundedFit(loss: "logistic"),
        "the logistic loss has no minimum on the support: coefficients grow without bound, and were taken "
          + "where nothing was left to gain; a ridge gives it a minimum"
      ),
      (.sparsityReduced(from: 5, to: 4), "only 4 of the 5 columns asked for can be selected"),
      (
        .reducedStorage,
        "the matrix is stored less precisely than asked for: supports may differ from full storage"
      ),
      (
        .diverged(solver: "amp"),
        "every run of amp diverged: the columns are too coherent for it, or there is nothing but noise; "
          + "another algorithm finds more"
      ),
    ] as [(Warning, String)])
  func warningsAreSentences(warning: Warning, text: String) {
    #expect("\(warning)" == text)
  }
}
