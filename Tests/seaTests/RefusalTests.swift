import Foundation
import SparseCore
import Testing

@testable import MatrixFiles

/// Wrong words and bad files: one line, the right exit code, and nothing written.
@Suite(.serialized) final class RefusalTests {
  private let tool: Tool

  init() throws {
    tool = try Tool()
    let path = tool.folder.path
    var entries = (0..<12).map { Double($0 * $0 % 7) }
    try MatrixFile.write(
      .double(Matrix(rows: 3, columns: 4, columnMajor: entries)), to: "\(path)/A.npy")
    try MatrixFile.write([1, 2, 3], to: "\(path)/y.npy")
    entries[7] = .nan
    try MatrixFile.write(
      .double(Matrix(rows: 3, columns: 4, columnMajor: entries)), to: "\(path)/nan.npy")
    try MatrixFile.write([1, .infinity, 3], to: "\(path)/inf.npy")
    try MatrixFile.write([1, 2], to: "\(path)/short.npy")
    let whole = try Data(contentsOf: tool.folder.appendingPathComponent("A.npy"))
    try whole.dropLast(3).write(to: tool.folder.appendingPathComponent("truncated.npy"))
  }

  deinit { tool.cleanUp() }

  private func expectRefusal(
    _ words: String, code: Int32, _ message: String, environment: [String: String] = [:],
    location: SourceLocation = #_sourceLocation
  ) throws {
    let before = try FileManager.default.contentsOfDirectory(atPath: tool.folder.path).sorted()
    let outcome = try tool.start(
      words.split(separator: " ").map(String.init), environment: environment
    ).outcome()
    #expect(outcome.exitCode == code, sourceLocation: location)
    #expect(outcome.output.isEmpty, sourceLocation: location)
    #expect(outcome.errors == "sea: \(message)\n", sourceLocation: location)
    let after = try FileManager.default.contentsOfDirectory(atPath: tool.folder.path).sorted()
    #expect(before == after, sourceLocation: location)
  }

  @Test func badData() throws {
    try expectRefusal(
      "solve -m nan.npy -y y.npy -k 2 -o x.npy", code: 65,
      "nan.npy: expected finite numbers, found nan in row 1, column 2 of the matrix")
    try expectRefusal(
      "solve -m A.npy -y inf.npy -k 2 -o x.npy", code: 65,
      "inf.npy: expected finite numbers, found inf at index 1 of the observation")
    try expectRefusal(
      "solve -m A.npy -y short.npy -k 2", code: 65,
      "short.npy: expected an observation of length 3 (the rows of the matrix), found 2")
    try expectRefusal(
      "solve -m A.npy -y y.npy -k 2 --start short.npy", code: 65,
      "short.npy: expected a start vector of length 4 (the columns of the matrix), found 2")
    try expectRefusal(
      "solve -m A.npy -y y.npy -k 2 --truth short.npy", code: 65,
      "short.npy: expected a truth of length 4 (the columns of the matrix), found 2")
    try expectRefusal(
      "path -m A.npy -y y.npy -k 2 --truth y.npy", code: 65,
      "y.npy: expected a truth of length 4 (the columns of the matrix), found 3")
    try expectRefusal(
      "solve -m A.npy -y y.npy -k 2 --weights short.npy", code: 65,
      "short.npy: expected 3 weights (the rows of the matrix), found 2")
    try expectRefusal(
      "solve -m A.npy -y A.npy -k 2 --start short.npy", code: 65,
      "short.npy: expected a start vector of length 4 (the columns of the matrix), found 2")
    try expectRefusal(
      "solve -m truncated.npy -y y.npy -k 2", code: 65,
      "truncated.npy: expected 96 bytes of data for shape 3 × 4, found 93")
    try expectRefusal(
      "solve -m missing.npy -y y.npy -k 2", code: 66,
      "cannot read missing.npy: No such file or directory")
  }

  @Test func wrongUsage() throws {
    try expectRefusal(
      "solve -m A.npy -y y.npy -k 5", code: 64,
      "expected a sparsity from 1 to 4 (the columns of the matrix), found 5")
    try expectRefusal(
      "solve -m A.npy -y y.npy -k 0", code: 64,
      "expected a sparsity from 1 to 4 (the columns of the matrix), found 0")
    try expectRefusal(
      "solve -m A.npy -y y.npy -k 2 --itertions 5", code: 64,
      "unknown option '--itertions' of 'solve'; did you mean '--iterations'?")
    try expectRefusal(
      "slove -m A.npy", code: 64, "unknown command 'slove'; did you mean 'solve'?")
    try expectRefusal(
      "generate deconvolution --rows 5 -o there", code: 64,
      "--rows: expected none for 'deconvolution', found a value")
    try expectRefusal(
      "generate gaussian --rows 10000000 --columns 1000000000 -k 2 -o there", code: 65,
      "a matrix needs 80000000000000000 bytes, more memory than this machine gives")
  }

  @Test func missingDevices() throws {
    let none = ["OCL_ICD_VENDORS": tool.folder.path]
    try expectRefusal(
      "solve -m A.npy -y y.npy -k 2 --backend opencl", code: 69,
      "no OpenCL device was found on this machine", environment: none)
    try expectRefusal(
      "solve -m A.npy -y y.npy -k 2 --device 7", code: 69,
      "no OpenCL device was found on this machine", environment: none)
    let auto = try tool.run("solve", "-m", "A.npy", "-y", "y.npy", "-k", "2", environment: none)
    #expect(auto.exitCode == 0 && auto.value("engine")?.hasPrefix("cpu") == true)
  }

  @Test func outputThatCannotBeWritten() throws {
    for option in ["--output", "--trace"] {
      try expectRefusal(
        "solve -m A.npy -y y.npy -k 2 \(option) nowhere/x.csv", code: 73,
        "cannot write nowhere/x.csv: No such file or directory")
    }
  }

  /// Before the files to read are looked for.
  @Test(arguments: ["x.txt", "x", "x.csv.gz"])
  func outputOfAnotherEnding(name: String) throws {
    for command in ["solve", "path"] {
      try expectRefusal(
        "\(command) -m none.npy -y y.npy -k 2 --output \(name)", code: 73,
        "cannot write \(name): expected a name that ends in .npy, .csv, .tsv, .mtx, .mat, .npz or .json"
      )
    }
    for words in [
      "solve -m none.npy -y y.npy -k 2 --trace", "path -m none.npy -y y.npy -k 2 --points",
    ] {
      try expectRefusal(
        "\(words) \(name)", code: 73, "cannot write \(name): expected a name that ends in .csv")
    }
  }

  @Test func helpOpensWithExamples() throws {
    let help = try tool.run("help", "solve")
    #expect(help.exitCode == 0)
    #expect(help.output.lowercased().prefix(400).contains("sea solve --matrix a.npy"))
    #expect(try tool.run("--version").output == "sea 0.1.0\n")
    for shell in ["bash", "zsh", "fish"] {
      #expect(try tool.run("completions", shell).output.contains("--sparsity") || shell == "fish")
    }
  }

  /// A result that cannot be shown is an error; its files are written all the same.
  @Test(arguments: [
    "solve -m A.npy -y y.npy -k 2 -o x.npy", "solve -m A.npy -y y.npy -k 2 -o x.npy --json",
    "path -m A.npy -y y.npy -k 1:2 -o x.npy", "solve -m A.npy -y A2.npy -k 1 -o x.npy", "devices",
    "help", "completions bash", "--version",
  ]) func aDiskThatIsFullIsSaid(words: String) throws {
    try MatrixFile.write(
      .double(Matrix(rows: 3, columns: 2, columnMajor: [1, 2, 3, 4, 0, 6])),
      to: "\(tool.folder.path)/A2.npy")
    let outcome = try tool.start(
      ["-c", "exec \(Tool.path.path) \(words) > /dev/full"], shell: true
    ).outcome()
    #expect(outcome.exitCode == 73)
    #expect(
      outcome.errors.hasSuffix("sea: cannot write standard output: No space left on device\n"))
    let file = tool.folder.appendingPathComponent("x.npy").path
    #expect(FileManager.default.fileExists(atPath: file) == words.contains("x.npy"))
  }
}
