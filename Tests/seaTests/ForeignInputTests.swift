import Foundation
import MatrixFiles
import SparseCore
import TestSupport
import Testing

/// Files that a process of its own decodes, and standard input.
@Suite(.serialized) final class ForeignInputTests {
  private let tool: Tool

  init() throws {
    tool = try Tool()
    try write("A.csv", "1.5,-2,0.25\n3,4.25,1\n0,1,2\n")
    try write("y.csv", "7\n8\n9\n")
    try write("A.csv.gz", GzipBytes("1,5;-2;0,25\n3;4,25;1\n0;1;2\n".utf8).bytes)
    try write("y.csv.gz", GzipBytes("7\n8\n9\n".utf8).bytes)
    for name in ["v5.mat", "none.mat", "large.mat", "sparse.mat", "zeros.gz"] {
      try FileManager.default.copyItem(
        at: URL(fileURLWithPath: #filePath).deletingLastPathComponent()
          .appendingPathComponent("../ForeignFilesTests/Fixtures/\(name)").standardized,
        to: tool.folder.appendingPathComponent(name))
    }
  }

  deinit { tool.cleanUp() }

  private func write(_ name: String, _ text: String) throws { try write(name, Array(text.utf8)) }

  private func write(_ name: String, _ bytes: [UInt8]) throws {
    try Data(bytes).write(to: tool.folder.appendingPathComponent(name))
  }

  /// Runs a line of a shell, with the tool as `sea`.
  private func shell(_ line: String) throws -> Tool.Outcome {
    try tool.start(["-c", "sea() { \(Tool.path.path) \"$@\"; }; \(line)"], shell: true).outcome()
  }

  private func coefficients(_ outcome: Tool.Outcome) throws -> [Double] {
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    return try outcome.json()["coefficients"] as? [Double] ?? []
  }

  /// The same numbers give the same bits, from wherever they come.
  @Test(arguments: [
    "sea solve -m A.csv.gz -y y.csv.gz -k 2 --json", "sea solve -m - -y y.csv -k 2 --json < A.csv",
    "cat A.csv | sea solve -m - -y y.csv -k 2 --json",
    "cat A.csv.gz | sea solve -m - -y y.csv -k 2 --json",
    "sea solve -m - -y y.csv -k 2 --json < A.csv.gz",
    "cat y.csv.gz | sea solve -m A.csv -y - -k 2 --json",
    "cat y.csv | sea path -m A.csv -y - -k 2:2 --output x.mat -q && sea solve -m A.csv -y y.csv -k 2 --truth x.mat --json",
    "sea solve -m A.csv -y y.csv -k 2 --json | sea solve -m A.csv -y y.csv -k 2 --truth - --json",
  ]) func areRead(line: String) throws {
    let expected = try coefficients(shell("sea solve -m A.csv -y y.csv -k 2 --json"))
    #expect(try coefficients(shell(line)) == expected && expected.count == 2)
  }

  @Test func tablesAndModelsAreRead() throws {
    let table = "y|x|z\\n1,5|2|0\\n2|1|1\\n3|0|2,5\\n4|1|1\\n"
    let fit = "sea solve --table - --target y -k 1 --intercept --model-output m.json"
    let outcome = try shell("printf '\(table)' | gzip | \(fit)")
    #expect(outcome.exitCode == 0, "\(outcome.errors)")
    #expect(outcome.value("support") == "x")
    let again = try shell("gzip m.json && cat m.json.gz | sea predict --model - --table A.csv")
    #expect(again.exitCode == 65 && again.errors.contains("A.csv: expected"))
  }

  /// A file of few nonzeros is solved as the sparse matrix that it is, to the same result as the dense one.
  @Test(arguments: ["", " --intercept --standardize", " --algorithm sea --ridge 0.1"])
  func sparseMatricesStaySparse(options: String) throws {
    var entries = (1...200).map { (j: Int) -> (Int, Int, Double) in
      (j % 120 + 1, j, 1 + Double(j % 7))
    }
    entries += (1...40).map { (j: Int) -> (Int, Int, Double) in (j * 37 % 120 + 1, j * 5, 2.5) }
    var (lines, dense) = ("", Array(repeating: Array(repeating: 0.0, count: 200), count: 120))
    for (i, j, value) in entries {
      lines += "\(i) \(j) \(value)\n"
      dense[i - 1][j - 1] += value
    }
    try write(
      "s.mtx", "%%MatrixMarket matrix coordinate real general\n120 200 \(entries.count)\n" + lines)
    try write("d.csv", dense.map { $0.map { "\($0)" }.joined(separator: ",") + "\n" }.joined())
    try write(
      "t.csv", dense.map { row -> String in "\(2 * row[4] - row[99] + 3)\n" }.joined())
    let line = " -y t.csv -k 3 --json --report page.html --fitted fitted.csv" + options
    let sparse = try shell("sea solve -m s.mtx" + line)
    #expect(sparse.exitCode == 0, "\(sparse.errors)")
    let notice = (try sparse.json()["notices"] as? [String])?.first ?? ""
    #expect(notice.hasPrefix("s.mtx: a sparse matrix of "))
    let expected = try shell("sea solve -m d.csv --force" + line)
    #expect(try coefficients(sparse).count == 3)
    #expect(try sparse.json()["support"] as? [Int] == expected.json()["support"] as? [Int])
    for (a, b) in zip(try coefficients(sparse), try coefficients(expected)) {
      #expect(abs(a - b) <= 1e-10)
    }
  }

  @Test func noticesAreThoseOfTheFile() throws {
    let outcome = try shell("sea solve -m sparse.mat -y y.csv -k 1 --json")
    #expect(
      try outcome.json()["notices"] as? [String]
        == ["sparse.mat: a sparse matrix (MATLAB) was read as a dense one"])
    let text = try shell("sea solve -m A.csv.gz -y y.csv -k 1 --json")
    #expect(
      try text.json()["notices"] as? [String]
        == [
          "A.csv.gz: cells were separated at semicolons",
          "A.csv.gz: numbers were read with a decimal comma; --decimal comma says so",
        ])
    let said = try shell(
      "sea solve -m A.csv.gz -y y.csv -k 1 --separator semicolon --decimal comma --json")
    #expect(try said.json()["notices"] as? [String] == [])
  }

  private static let beyond =
    "one that takes its decoder more time or memory than it may"

  @Test(
    arguments: [
      (
        "head -c 20 A.csv.gz > c.gz; sea solve -m c.gz -y y.csv -k 1",
        "c.gz: expected a whole compressed stream, found its end after 20 bytes"
      ),
      (
        "sea solve -m A.csv -y y.csv -k 1 --weights v5.mat:z",
        "v5.mat:z: unsupported: expected real numbers, found complex numbers (\"<c16\")"
      ),
      (
        "sea solve -m none.mat -y y.csv -k 1",
        "none.mat: expected one matrix of numbers, or FILE.mat:NAME with the name of one, found text 1 × 5 (char)"
      ),
      (
        "sea solve --table none.mat --target y -k 1",
        "none.mat: expected one matrix of numbers, or FILE.mat:NAME with the name of one, found text 1 × 5 (char)"
      ),
      (
        "sea solve --table sparse.mat --target 0 -k 1",
        "sparse.mat: unsupported: expected a text table (.csv, .tsv), found a .npy array"
      ),
      (
        "ulimit -f 8; sea solve -m zeros.gz -y y.csv -k 1",
        "zeros.gz: expected at most 4096 bytes once unpacked, found more"
      ),
      (
        "ulimit -t 2; sea solve -m bomb.gz -y y.csv -k 1",
        "bomb.gz: expected a file that can be decoded, found \(beyond)"
      ),
      (
        "sea solve -m - -y y.csv -k 1 < /dev/null",
        "standard input: expected numbers, found an empty file"
      ),
      (
        "printf '1,2\\n3,x\\n' | sea solve -m - -y y.csv -k 1",
        "standard input, line 2, column 2: expected a number, found \"x\""
      ),
      (
        "sea solve -m A.csv -y y.csv -k 1 --decimal comma",
        "A.csv, line 1, column 1: expected a number with a decimal comma, found \"1.5,-2,0.25\" (--decimal point reads numbers with a point)"
      ),
    ]) func areRefused(line: String, message: String) throws
  {
    if line.contains("bomb") { try writeBomb() }
    let outcome = try shell(line)
    #expect(outcome.exitCode == 65)
    #expect(outcome.errors == "sea: \(message)\n" && outcome.output.isEmpty)
  }

  @Test func standardInputIsThereOnce() throws {
    let outcome = try shell("cat A.csv | sea solve -m - -y - -k 1")
    #expect(outcome.exitCode == 66)
    #expect(
      outcome.errors == "sea: cannot read standard input: '-' can stand for one file only\n")
  }

  // MARK: The process

  /// Three gibibytes in three megabytes, which take seconds.
  private func writeBomb() throws {
    let part = try Data(contentsOf: tool.folder.appendingPathComponent("zeros.gz"))
    var bomb = Data()
    for _ in 0..<3000 { bomb += part }
    try bomb.write(to: tool.folder.appendingPathComponent("bomb.gz"))
  }

  /// The process that decodes for another, once it does.
  private func decoder(of parent: Int32) throws -> Int32 {
    let deadline = Date(timeIntervalSinceNow: 60)
    while Date() < deadline {
      for name in try FileManager.default.contentsOfDirectory(atPath: "/proc") {
        guard let child = Int32(name),
          let status = try? String(contentsOfFile: "/proc/\(name)/status", encoding: .utf8),
          status.contains("\nPPid:\t\(parent)\n"),
          let words = try? String(contentsOfFile: "/proc/\(name)/cmdline", encoding: .utf8),
          words.hasPrefix("sea-decoder")
        else { continue }
        return child
      }
      Thread.sleep(forTimeInterval: 0.01)
    }
    throw CancellationError()
  }

  private func isGone(_ process: Int32) -> Bool {
    let deadline = Date(timeIntervalSinceNow: 30)
    while Date() < deadline {
      if kill(process, 0) != 0 { return true }
      Thread.sleep(forTimeInterval: 0.02)
    }
    return false
  }

  private static let solve = ["solve", "-m", "bomb.gz", "-y", "y.csv", "-k", "1"]

  /// A decoder that crashes is a fault of the file.
  @Test func aCrashIsARefusal() throws {
    try writeBomb()
    let running = try tool.start(Self.solve)
    kill(try decoder(of: running.process.processIdentifier), SIGSEGV)
    let outcome = running.outcome()
    #expect(outcome.exitCode == 65)
    #expect(
      outcome.errors
        == "sea: bomb.gz: expected a file that can be decoded, found one that ends its decoder by signal 11\n"
    )
  }

  @Test(arguments: [(SIGINT, 130), (SIGTERM, 143)] as [(Int32, Int32)])
  func stoppingEndsBoth(number: Int32, code: Int32) throws {
    try writeBomb()
    let running = try tool.start(Self.solve)
    try running.waitUntilListening()
    let child = try decoder(of: running.process.processIdentifier)
    kill(running.process.processIdentifier, number)
    #expect(running.outcome().exitCode == code)
    #expect(isGone(child))
  }

  /// Nobody is left behind.
  @Test func aKilledToolEndsItsDecoder() throws {
    try writeBomb()
    let running = try tool.start(Self.solve)
    let child = try decoder(of: running.process.processIdentifier)
    kill(running.process.processIdentifier, SIGKILL)
    _ = running.outcome()
    #expect(isGone(child))
  }
}
