import Foundation
import MatrixFiles
import SparseCore
import Testing

/// Files of complex numbers.
@Suite(.serialized) final class ComplexCommandTests: ToolSuite {
  let tool: Tool
  private static let (rows, columns) = (12, 20)
  /// Columns of A, real and imaginary parts in turns.
  private let matrix: [[Double]]
  /// (2 − i) a₃ + .5i a₁₁.
  private let observation: [Double]

  init() throws {
    tool = try Tool()
    // Numbers without a pattern: the middle digits of squares.
    var state = 7.0
    func next() -> Double {
      state = (state * 7919 + 13).truncatingRemainder(dividingBy: 10007)
      return state / 5003 - 1
    }
    let matrix = (0..<Self.columns).map { _ in (0..<2 * Self.rows).map { _ in next() } }
    self.matrix = matrix
    observation = (0..<2 * Self.rows).map { i in
      let (own, other, sign) = i % 2 == 0 ? (i, i + 1, -1.0) : (i, i - 1, 1.0)
      let first = 2 * matrix[3][own] - sign * matrix[3][other]
      return first + 0.5 * sign * matrix[11][other]
    }
    try write("A.npy", matrix)
    try write("y.npy", [observation])
  }

  deinit { tool.cleanUp() }

  private func write(_ name: String, _ columns: [[Double]]) throws {
    try MatrixFile.write(complexColumns: columns, to: path(name))
  }

  private func path(_ name: String) -> String { tool.folder.appendingPathComponent(name).path }

  private func expectFound(_ found: [String: Any]) {
    #expect(found["support"] as? [Int] == [3, 11])
    let parts =
      (found["coefficients"] as? [Double] ?? []) + (found["imaginaryParts"] as? [Double] ?? [])
    #expect(
      parts.count == 4 && zip(parts, [2, 0, -1, 0.5]).allSatisfy { abs($0 - $1) < 1e-12 })
  }

  @Test(arguments: ["portfolio", "omp", "exhaustive"]) func findsComplexColumns(
    algorithm: String
  ) throws {
    let words = "solve -m A.npy -y y.npy -k 2 --algorithm \(algorithm)"
    let found = try json(algorithm == "portfolio" ? "solve -m A.npy -y y.npy -k 2" : words)
    expectFound(found)
    #expect(found["rows"] as? Int == 12 && found["columns"] as? Int == 20)
    expectFound(try json("solve -m A.npy -y y.npy -k 2 --check --backend cpu"))
  }

  @Test func saysComplexNumbersAsPeopleWriteThem() throws {
    let text = try run("solve -m A.npy -y y.npy -k 2").output
    #expect(text.contains("support             3, 11\n"))
    #expect(text.contains("coefficients        2 − 1i, ") && text.contains("0.5i\n"))
  }

  /// Where one of both is real it is complex with imaginary parts of zero.
  @Test func realFilesMeetComplexOnes() throws {
    let real = matrix.map { column in
      stride(from: 0, to: column.count, by: 2).map { column[$0] }
    }
    try MatrixFile.write(columns: real, to: path("real.npy"))
    let y = (0..<Self.rows).flatMap { [real[2][$0], 3 * real[5][$0]] }
    try write("z.npy", [y])
    let found = try json("solve -m real.npy -y z.npy -k 2")
    #expect(found["support"] as? [Int] == [2, 5])
    let imaginary = try #require(found["imaginaryParts"] as? [Double])
    #expect(abs(imaginary[0]) < 1e-12 && abs(imaginary[1] - 3) < 1e-12)

    let start = (0..<Self.columns).map { $0 == 2 ? 1.0 : $0 == 5 ? 2 : 0 }
    try MatrixFile.write(start, to: path("start.npy"))
    let started = try json(
      "solve -m real.npy -y z.npy -k 2 --algorithm sea --start start.npy --iterations 1")
    #expect(started["support"] as? [Int] == [2, 5])

    try MatrixFile.write(real[4], to: path("r.npy"))
    #expect(try json("solve -m A.npy -y r.npy -k 1")["imaginaryParts"] != nil)
  }

  @Test func writesComplexFiles() throws {
    for name in ["x.npy", "x.mtx", "x.npz"] {
      _ = try json("solve -m A.npy -y y.npy -k 2 --output \(name)")
      // Of an archive one array is complex, the other the support.
      let whole = name == "x.npz" ? "x.npz:coefficients" : name
      let x = try #require(try MatrixFile.readComplex(path(whole)))
      #expect(x.rows == 40 && abs(x[6, 0] - 2) < 1e-12)
      #expect(abs(x[7, 0] + 1) < 1e-12 && abs(x[23, 0] - 0.5) < 1e-12)
      let found = try json("solve -m A.npy -y y.npy -k 2 --truth \(whole)")
      #expect((found["truth"] as? [String: Any])?["found"] as? Int == 2)
      expectFound(
        try json("solve -m A.npy -y y.npy -k 2 --algorithm sea --start \(whole) --iterations 1"))
    }
    _ = try json("solve -m A.npy -y y.npy -k 2 -o x.csv --fitted f.npy --residuals r.npy")
    let table = try String(contentsOfFile: path("x.csv"), encoding: .utf8)
    #expect(table.hasPrefix("real,imaginary\n0") && table.split(separator: "\n").count == 21)
    let (fitted, left) = (
      try #require(try MatrixFile.readComplex(path("f.npy"))),
      try #require(try MatrixFile.readComplex(path("r.npy")))
    )
    for i in 0..<24 {
      #expect(abs(fitted[i, 0] - observation[i]) < 1e-12 && abs(left[i, 0]) < 1e-12)
    }
    _ = try json("solve -m A.npy -y y.npy -k 2 -o x.json")
    expectFound(
      try json("solve -m A.npy -y y.npy -k 2 --algorithm sea --start x.json --iterations 1"))
  }

  @Test func severalObservationsShareASupport() throws {
    let second = matrix[11].map { -$0 }
    try write("Y.npy", [observation, second])
    let outcome = try run("solve -m A.npy -y Y.npy -k 2 --joint --json")
    let reports = try #require(
      try JSONSerialization.jsonObject(with: Data(outcome.output.utf8)) as? [[String: Any]])
    #expect(reports.map { $0["support"] as? [Int] } == [[3, 11], [3, 11]])
    expectFound(reports[0])
  }

  @Test func pathsCountComplexRowsAndColumns() throws {
    let found = try json(
      "path -m A.npy -y y.npy -k 1:3 --criterion bic,cv --folds 4 --subsample 4 --algorithm omp")
    #expect(found["rows"] as? Int == 12 && found["columns"] as? Int == 20)
    let points = try #require(found["points"] as? [[String: Any]])
    expectFound(points[1])
    let folds = try #require(found["folds"] as? [String: Any])
    #expect((folds["assignment"] as? [[Int]])?[0].count == 12)
  }

  @Test func pagesShowMagnitudes() throws {
    let outcome = try run("solve -m A.npy -y y.npy -k 1 --report page.html")
    #expect(outcome.exitCode == 0)
    let page = try String(contentsOfFile: path("page.html"), encoding: .utf8)
    #expect(page.contains("coefficient, in magnitude, times"))
    #expect(page.contains("The real and the imaginary part of a row are a point each."))
  }

  @Test(arguments: [
    ("--intercept", 64, "intercept: expected off for complex columns, found on"),
    ("--nonnegative", 64, "nonnegative: expected off for complex columns, found on"),
    (
      "--loss huber --huber-threshold 1", 64,
      "loss: expected squares for complex columns, found huber"
    ),
    ("--model-output m.json", 64, "--model-output: expected none together with complex numbers"),
    ("--algorithm bnb", 64, "bnb cannot solve with complex columns"),
    ("--include 20", 64, "20"), ("--weights y.npy", 65, "complex numbers"),
  ]) func refusesWhatComplexNumbersDoNotHave(
    words: String, code: Int32, message: String
  ) throws {
    let outcome = try run("solve -m A.npy -y y.npy -k 2 \(words)")
    #expect(outcome.exitCode == code)
    #expect(outcome.errors.contains(message), "\(outcome.errors)")
  }

  @Test func faultsAreNamedByComplexRowsAndColumns() throws {
    var damaged = matrix
    damaged[5][9] = .nan
    try write("B.npy", damaged)
    let outcome = try run("solve -m B.npy -y y.npy -k 2")
    #expect(outcome.exitCode == 65)
    #expect(outcome.errors.contains("row 4, column 5"), "\(outcome.errors)")
    try write("short.npy", [[1, 2, 3, 4]])
    let short = try run("solve -m A.npy -y short.npy -k 2")
    #expect(short.exitCode == 65)
    #expect(
      short.errors.contains("12") && short.errors.contains("2") && !short.errors.contains("24"),
      "\(short.errors)")
  }
}
