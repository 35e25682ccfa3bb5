import SparseRecovery
import TestSupport
import Testing

@testable import Experiments

@Suite struct ShardTests {
  @Test(arguments: [("1/1", 0, 1), ("2/8", 1, 8), ("8/8", 7, 8)])
  func reading(text: String, index: Int, count: Int) throws {
    let shard = try Shard(text)
    #expect(shard.index == index && shard.count == count && shard.description == text)
  }

  @Test(arguments: [
    "", "1", "0/3", "4/3", "1/0", "-1/2", "a/b", "1/2/3", "1/", "9223372036854775808/1",
  ])
  func refused(text: String) {
    #expect(throws: ExperimentError.invalidShard(text)) { try Shard(text) }
  }

  @Test func everyProblemBelongsToOneShare() throws {
    let shards = try (0..<5).map { try Shard(index: $0, of: 5) }
    for number in 0..<23 { #expect(shards.filter { $0.contains(number) }.count == 1) }
    #expect(throws: ExperimentError.invalidShard("6/5")) { try Shard(index: 5, of: 5) }
  }

  @Test(
    arguments: [
      (["ID": "3", "COUNT": "4"], 3), (["ID": "4", "COUNT": "4", "MIN": "1"], 3),
      (["ID": "9", "COUNT": "4", "MIN": "3", "STEP": "2"], 3),
    ] as [([String: String], Int)])
  func slurm(variables: [String: String], index: Int) throws {
    let shard = try Shard { variables[String($0.dropFirst("SLURM_ARRAY_TASK_".count))] }
    #expect(shard?.index == index && shard?.count == 4)
  }

  @Test(
    arguments: [
      ["ID": "4", "COUNT": "4"], ["ID": "1"], ["ID": "x", "COUNT": "4"],
      ["ID": "1", "COUNT": "4", "MIN": "2"], ["ID": "4", "COUNT": "4", "MIN": "3", "STEP": "2"],
      ["ID": "4", "COUNT": "4", "MIN": "3", "STEP": "0"],
    ])
  func slurmThatFitsNoArray(variables: [String: String]) throws {
    #expect(throws: ExperimentError.self) {
      try Shard { variables[String($0.dropFirst("SLURM_ARRAY_TASK_".count))] }
    }
    let outside = try Shard { _ in nil }
    #expect(outside == nil)
  }

  @Test(arguments: [
    ["SLURM_STEP_NUM_TASKS": "4", "SLURM_PROCID": "2"], ["PMI_SIZE": "4", "PMI_RANK": "2"],
    ["OMPI_COMM_WORLD_SIZE": "4", "OMPI_COMM_WORLD_RANK": "2"],
    ["SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0", "PMI_SIZE": "4", "PMI_RANK": "2"],
  ])
  func tasksOfSteps(variables: [String: String]) throws {
    let step = try #require(try LauncherStep { variables[$0] })
    #expect(step.shard == (try Shard(index: 2, of: 4)))
    #expect(step.note == "share     3/4, as \(step.variable) says; --shard 1/1 solves all\n")
  }

  @Test func noStepOrNoTaskOfIt() throws {
    for variables in [
      [:], ["SLURM_STEP_NUM_TASKS": "1", "SLURM_PROCID": "0"], ["PMI_SIZE": "many"],
      ["SLURM_NTASKS": "4", "SLURM_PROCID": "0"],
    ] {
      let step = try LauncherStep { variables[$0] }
      #expect(step == nil)
    }
    for rank in ["4", "-1", "x", nil] {
      #expect(throws: ExperimentError.self) {
        try LauncherStep { ["PMI_SIZE": "4", "PMI_RANK": rank][$0] ?? nil }
      }
    }
  }
}

@Suite struct ResultFileTests {
  private let header: JSON = ["schema": JSON(1), "settings": ["n": JSON(64)]]

  private func result(_ cell: Int, _ trial: Int, loss: Double = 0.5) -> ProblemResult {
    ProblemResult(
      cell: cell, trial: trial, seed: 1, solves: [["solver": "a\nb", "loss": JSON(loss)]],
      seconds: [0.25])
  }

  /// A file with a header and three results, as text.
  private func whole(_ folder: TemporaryFolder) throws -> String {
    let file = try ResultFile(folder.path + "/whole", header: header)
    for trial in 0..<3 { try file.append(result(0, trial)) }
    return try folder.text("whole")
  }

  @Test func linesComeBack() throws {
    let folder = TemporaryFolder()
    _ = try whole(folder)
    let read = try ResultSet.read(folder.path + "/whole")
    #expect(read.header == header)
    #expect(read.problems == [result(0, 0), result(0, 1), result(0, 2)])
  }

  @Test func aFileCutAnywhereGoesOn() throws {
    let folder = TemporaryFolder()
    let text = try whole(folder)
    let ends = text.utf8.enumerated().filter { $0.element == UInt8(ascii: "\n") }.map(\.offset)
    for length in 0..<text.utf8.count {
      let cut = folder.write(String(decoding: text.utf8.prefix(length), as: UTF8.self), to: "cut")
      var file: ResultFile? = try ResultFile(cut, header: header)
      let complete = ends.filter { $0 < length }.count
      let earlier = file?.earlier.problems.count
      #expect(earlier == max(complete - 1, 0))
      let dropped = file?.droppedDamagedLine
      let isCutInsideALine = complete > 0 && !ends.contains(length - 1)
      #expect(dropped == isCutInsideALine)
      for trial in max(complete - 1, 0)..<3 { try file?.append(result(0, trial)) }
      file = nil
      #expect(try folder.text("cut") == text)
    }
  }

  @Test func aLastLineOfRubbishIsDropped() throws {
    let folder = TemporaryFolder()
    let text = try whole(folder)
    let file = try ResultFile(folder.write(text + "{\"cell\":\n", to: "rubbish"), header: header)
    #expect(file.droppedDamagedLine)
    #expect(try folder.text("rubbish") == text)
  }

  @Test(arguments: ["hello", "hello\n", "{}\n", "[1]\nx", "\n", "{\"schema\":1,\"other\""])
  func otherFilesAreLeftAlone(text: String) throws {
    let folder = TemporaryFolder()
    let path = folder.write(text, to: "other")
    #expect(throws: ExperimentError.self) { try ResultFile(path, header: header) }
    #expect(try folder.text("other") == text)
  }

  @Test func damageInTheMiddleIsTold() throws {
    let folder = TemporaryFolder()
    var lines = try whole(folder).split(separator: "\n").map(String.init)
    lines[2] = #"{"cell":-1}"#
    let path = folder.write(lines.joined(separator: "\n") + "\n", to: "damaged")
    #expect(
      throws: ExperimentError.damaged(path: path, line: 3, reason: "expected a result")
    ) { try ResultSet.read(path) }
  }

  @Test func otherSettingsAreNamed() throws {
    let folder = TemporaryFolder()
    _ = try whole(folder)
    let path = folder.path + "/whole"
    let error = #expect(throws: ExperimentError.self) {
      try ResultFile(path, header: ["schema": JSON(1), "settings": ["n": JSON(65)]])
    }
    #expect(
      error?.description
        == "\(path) holds results of other settings: settings.n is 64 there and 65 here")
  }

  @Test func twoWritersAreTooMany() throws {
    let folder = TemporaryFolder()
    let path = folder.path + "/busy"
    let first = try ResultFile(path, header: header)
    #expect(throws: ExperimentError.busy(path: path)) { try ResultFile(path, header: header) }
    try first.append(result(0, 0))
  }

  @Test func mergingSortsAndChecks() throws {
    let folder = TemporaryFolder()
    let lines = { (results: [ProblemResult]) in
      ([header.text] + results.map { $0.line() }).joined(separator: "\n") + "\n"
    }
    let a = folder.write(lines([result(1, 0), result(0, 1)]), to: "a")
    let b = folder.write(lines([result(0, 0), result(0, 1)]), to: "b")
    let merged = try ResultSet.merging([a, b])
    #expect(merged.problems == [result(0, 0), result(0, 1), result(1, 0)])
    try merged.write(to: folder.path + "/merged", withTimes: false)
    #expect(!(try folder.text("merged").contains("seconds")))
    #expect(try ResultSet.read(folder.path + "/merged").problems.count == 3)

    let c = folder.write(lines([result(0, 1, loss: 2)]), to: "c")
    #expect(throws: ExperimentError.conflict(path: c, cell: 0, trial: 1)) {
      try ResultSet.merging([a, c])
    }
    let d = folder.write("{\"schema\":2}\n", to: "d")
    #expect(throws: ExperimentError.self) { try ResultSet.merging([a, d]) }
  }

  /// What a file holds is quoted on one line, without what controls a terminal, and not at length.
  @Test func messagesAreShort() {
    let error = ExperimentError.invalidSetting(
      name: "n", value: "a\n\u{1B}b\u{9B}" + String(repeating: "x", count: 10_000), expected: "1")
    let tail = String(repeating: "x", count: 195) + "…"
    #expect(error.description == "n: expected 1, found a??b?\(tail)")
  }

  @Test func missingAndUnwritableFiles() {
    #expect(throws: FileError.self) { try ResultSet.read("/no/such/file") }
    #expect(throws: FileError.self) { try ResultFile("/no/such/file", header: header) }
  }
}
