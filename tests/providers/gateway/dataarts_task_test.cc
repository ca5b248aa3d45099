// DataArts Factory: packages, imports and their system tasks.
#include <fstream>
#include <iterator>

#include "providers/gateway/dataarts/routes.h"
#include "tests/providers/gateway/dataarts_bench.h"

using namespace sluice;
using namespace sluice::gateway::test;

namespace {

gateway::Options slow() {
  gateway::Options options;
  options.latency = std::chrono::milliseconds(2000);
  return options;
}

gateway::Options faulty(const std::string& rules) {
  gateway::Options options;
  auto faults = gateway::Faults::read(SourceText("faults.yaml", rules));
  REQUIRE(faults.value);
  options.faults = *faults.value;
  return options;
}

std::string subtasks(const Value& task) {
  std::string out;
  for (const Value& subtask : at(task, {"subtasks"}).items()) {
    out += std::string(subtask.text("name")) + " " + std::string(subtask.text("status")) + "; ";
  }
  return out;
}

}  // namespace

TEST_CASE("the answers of the documents can be given") {
  Factory dlf;
  const char* examples[] = {
      R"({"endTime":1543457514000,"id":"008aae2e675d3bcb01675d3c66f20000","lastUpdate":1543457514000,)"
      R"("name":"Import the solution from OBS path obs://aaaaa/traffic.zip.",)"
      R"("projectId":"b384b9e9ab9b4ee8994c8633aabc9505","startTime":1543457499000,"status":"SUCCESSFUL","subtasks":[)"
      R"({"id":"008aae2e675d3bcb01675d3c9f5f0002","lastUpdate":1543457513000,"name":"Import the job_batch job.",)"
      R"("status":"SUCCESSFUL","taskId":"008aae2e675d3bcb01675d3c66f20000"},)"
      R"({"id":"008aae2e675d3bcb01675d3c9fdc0003","lastUpdate":1543457513000,"name":"Import the job_stream job.",)"
      R"("status":"SUCCESSFUL","taskId":"008aae2e675d3bcb01675d3c66f20000"}]})",
      R"({"endTime":1543457631000,"id":"008aae2e675d3bcb01675d3e6b960004","lastUpdate":1543457631000,)"
      R"("message":"Failed to read the OBS file obs://aaaaa/traffic2.zip. ",)"
      R"("name":"Import the solution from OBS path obs://aaaaa/traffic2.zip.",)"
      R"("projectId":"b384b9e9ab9b4ee8994c8633aabc9505","startTime":1543457631000,"status":"FAILED","subtasks":[]})",
      R"({"endTime":1543457794000,"id":"008aae2e675d3bcb01675d40ab3f0005","lastUpdate":1543457794000,)"
      R"("name":"Start the traffic solution","projectId":"b384b9e9ab9b4ee8994c8633aabc9505","startTime":1543457778000,)"
      R"("status":"FAILED","subtasks":[{"id":"008aae2e675d3bcb01675d40e8560006","lastUpdate":1543457794000,)"
      R"("name":"Start the job_batch job","status":"FAILED","taskId":"008aae2e675d3bcb01675d40ab3f0005"}]})"};
  for (const char* example : examples) {
    const auto task = parse_json(example);
    REQUIRE(task);
    REQUIRE(dlf.gateway->put_system_task("b384b9e9ab9b4ee8994c8633aabc9505", "", *task));
    CHECK(dlf.get("system-tasks/" + std::string(task->text("id"))).text == example);
    CHECK(dlf.get("systemTasks/" + std::string(task->text("id"))).text == example);
  }
  const Answer unknown = dlf.get("system-tasks/008aae2e675d3bcb01675d40ab3f0009");
  CHECK(unknown.status == 400);
  CHECK(unknown.text == R"({"error_code":"DLF.0810","error_msg":"Task does not exist"})");
}

TEST_CASE("an import makes the documented task") {
  Factory dlf({}, slow());
  dlf.stage({{"jobs/job_batch.job", job("job_batch")}});
  const std::string id = dlf.import();
  // Host, start of the process and time as in the example; the counter is the data file's.
  CHECK(id == "008aae2e67abe3a20167abe3a28f0000");
  CHECK(
      dlf.get("system-tasks/" + id).text ==
      R"({"id":")" + id +
          R"(","lastUpdate":1544777081000,"name":"Import the job from obs://aaaaa/job_batch.zip.",)"
          R"("projectId":"b384b9e9ab9b4ee8994c8633aabc9505","startTime":1544777081000,"status":"RUNNING","subtasks":[]})");
  dlf.now += std::chrono::milliseconds(1000);
  CHECK(subtasks(dlf.task(id)) == "Import the job_batch job. RUNNING; ");
  CHECK(dlf.get("jobs/job_batch").code() == "DLF.0100");
  dlf.now += std::chrono::milliseconds(1000);
  CHECK(dlf.get("jobs/job_batch").status == 200);
  CHECK(dlf.get("system-tasks/" + id).text ==
        R"({"endTime":1544777083000,"id":")" + id +
            R"(","lastUpdate":1544777083000,"name":"Import the job from obs://aaaaa/job_batch.zip.",)"
            R"("projectId":"b384b9e9ab9b4ee8994c8633aabc9505","startTime":1544777081000,"status":"SUCCESSFUL",)"
            R"("subtasks":[{"id":"008aae2e67abe3a20167abe3a6770001","lastUpdate":1544777083000,)"
            R"("name":"Import the job_batch job.","status":"SUCCESSFUL","taskId":")" +
            id + R"("}]})");
  dlf.language = "zh-cn";
  CHECK(dlf.task(id).text("name") == "从路径[obs://aaaaa/job_batch.zip]导入作业。");
  CHECK(subtasks(dlf.task(id)) == "导入作业[job_batch]。 SUCCESSFUL; ");
  dlf.workspace = "another";
  CHECK(dlf.get("system-tasks/" + id).code() == "DLF.0810");
}

TEST_CASE("scripts, resources and jobs are found at any depth, and what exports write is what imports read") {
  Factory dlf;
  const std::string resource = R"({"name":"udf","type":"jar","location":"obs://dlf/udf.jar"})";
  std::string body = job("a");
  body.replace(body.find("]}],\"schedule"), 3, R"(,{"name":"resourcePath","value":"obs://dlf/udf.jar"}]}])");
  dlf.stage({{"x/y/z/a.job", body},
             {"b.job", job("b")},
             {"deep/er/s1.script", script("s1")},
             {"r/udf.resource", resource},
             {"notes.txt", "nothing"}});
  CHECK(dlf.outcome(dlf.import()) == "SUCCESSFUL");
  CHECK(dlf.get("scripts/s1").status == 200);
  auto files = dlf.exported(R"("a","b")");
  CHECK(files.size() == 5);
  CHECK(files.contains("jobs/a/a.job"));
  CHECK(files.contains("jobs/b/b.job"));
  CHECK(files.contains("jobs/a/s1.script"));
  CHECK(files.contains("jobs/b/s1.script"));
  CHECK(write_json(files["jobs/a/udf.resource"]) == resource);
  const HttpResponse single = dlf.send("POST", std::string(kFactory) + "jobs/a/export");
  CHECK(find_header(single.headers, "Content-Type") == "application/octet-stream");
  CHECK(find_header(single.headers, "Content-Disposition") == "attachment; filename=DLF_a.zip");
  files = Factory::documents(single.body);
  CHECK(files.size() == 3);
  CHECK(files.contains("jobs/a.job"));
  CHECK(files.contains("scripts/s1.script"));
  CHECK(files.contains("resources/udf.resource"));
  CHECK(Factory::documents(dlf.post("jobs/a/export", R"({"exportDepend":false})").text).size() == 1);
  // There and back again.
  const std::string archive = dlf.post("jobs/batch-export", R"({"jobList":["a","b"]})").text;
  Factory other;
  REQUIRE(other.send("PUT", "/aaaaa/job_batch.zip", archive).status == 200);
  CHECK(other.outcome(other.import()) == "SUCCESSFUL");
  CHECK(write_json(other.exported(R"("a")")["jobs/a/a.job"]) == write_json(dlf.exported(R"("a")")["jobs/a/a.job"]));
}

TEST_CASE("passwords are not exported") {
  Factory dlf;
  std::string body = job("a");
  body.replace(body.find("]}],\"schedule"), 3,
               R"(,{"name":"dbPassword","value":"x"},{"name":"k","value":"y","value_is_sensitive":true}]}])");
  REQUIRE(dlf.post("jobs", body).status == 204);
  CHECK(at(dlf.exported(R"("a")")["jobs/a/a.job"], {"nodes", "0", "properties"}).items().size() == 1);
}

TEST_CASE("SKIP leaves what is there, OVERWRITE replaces it unless it runs") {
  Factory dlf;
  REQUIRE(dlf.post("jobs", job("a", R"(,"description":"old")")).status == 204);
  REQUIRE(dlf.post("scripts", script("s1", "old")).status == 204);
  dlf.stage({{"a.job", job("a", R"(,"description":"new")")}, {"b.job", job("b")}, {"s1.script", script("s1", "new")}});
  std::string id = dlf.import("SKIP");
  CHECK(subtasks(dlf.task(id)) == "Import the a job. SUCCESSFUL; Import the b job. SUCCESSFUL; ");
  CHECK(dlf.get("jobs/a").body.text("description") == "old");
  CHECK(dlf.get("scripts/s1").body.text("content") == "old");
  CHECK(dlf.get("jobs/b").status == 200);
  REQUIRE(dlf.post("jobs/a/start").status == 204);
  id = dlf.import("OVERWRITE");
  CHECK(dlf.outcome(id) == "FAILED");
  CHECK(subtasks(dlf.task(id)) == "Import the a job. FAILED; Import the b job. SUCCESSFUL; ");
  CHECK(dlf.task(id).find("message") == nullptr);
  CHECK(dlf.get("scripts/s1").body.text("content") == "new");
  REQUIRE(dlf.post("jobs/a/stop").status == 204);
  CHECK(dlf.outcome(dlf.import("OVERWRITE")) == "SUCCESSFUL");
  CHECK(dlf.get("jobs/a").body.text("description") == "new");
  CHECK(dlf.get("jobs/a").body.text("version") == "2");
  // Without a policy it is SKIP.
  dlf.stage({{"a.job", job("a", R"(,"description":"newer")")}});
  REQUIRE(dlf.post("jobs/import", R"({"path":"obs://aaaaa/job_batch.zip"})").status == 200);
  CHECK(dlf.get("jobs/a").body.text("description") == "new");
}

TEST_CASE("parameters and a user may be given with an import") {
  Factory dlf;
  const std::string parameters = R"(,"params":[{"name":"p","value":"1"},{"name":"q","value":"2"}])";
  dlf.stage({{"a.job", job("a", parameters)}, {"b.job", job("b", parameters)}});
  CHECK(dlf.outcome(dlf.import("OVERWRITE", R"(,"params":{"p":"all","r":"new"},"executeUser":"ann",)"
                                            R"("jobsParam":[{"name":"b","params":{"q":"own"}},{"name":"nobody"}])")) ==
        "SUCCESSFUL");
  CHECK(write_json(at(dlf.get("jobs/a").body, {"params"})) ==
        R"([{"name":"p","value":"all","type":"variable"},{"name":"q","value":"2","type":"variable"},)"
        R"({"name":"r","value":"new","type":"variable"}])");
  CHECK(at(dlf.get("jobs/b").body, {"params", "1", "value"}) == Value("own"));
  CHECK(at(dlf.get("jobs/b").body, {"basicConfig", "executeUser"}) == Value("ann"));
  CHECK(dlf.post("jobs/import", R"({"path":"obs://aaaaa/job_batch.zip","params":{"p":7}})").code() == "DLF.3051");
  CHECK(dlf.post("jobs/import", R"({"path":"obs://aaaaa/job_batch.zip","jobsParam":[{}]})").code() == "DLF.3051");
}

TEST_CASE("a file is looked into before it is imported") {
  Factory dlf;
  dlf.stage({{"a.job", job("a", R"(,"directory":"/test","params":[{"name":"ddd","value":"dddd"}])")},
             {"s1.script", script("s1")}});
  CHECK(dlf.post("jobs/check-file", R"({"path":"obs://aaaaa/job_batch.zip"})").text ==
        R"({"jobs":[{"name":"a","path":"/test","params":{"ddd":"dddd"}}],"scripts":[{"name":"s1","path":"/"}]})");
  for (const char* call : {"jobs/check-file", "jobs/import"}) {
    INFO(call);
    CHECK(dlf.post(call, R"({"path":"obs://aaaaa/nothing.zip"})").code() == "DLF.0815");
    CHECK(dlf.post(call, R"({"path":"s3://aaaaa/job_batch.zip"})").code() == "DLF.0803");
    CHECK(dlf.post(call, R"({"path":"obs://aaaaa"})").code() == "DLF.0803");
    CHECK(dlf.post(call, "{}").code() == "DLF.0802");
  }
  CHECK(dlf.post("jobs/import", R"({"path":"obs://aaaaa/job_batch.zip","sameNamePolicy":"MERGE"})").code() ==
        "DLF.3051");
  REQUIRE(dlf.send("PUT", "/aaaaa/bad.zip", "no archive").status == 200);
  CHECK(dlf.post("jobs/import", R"({"path":"obs://aaaaa/bad.zip"})").text ==
        R"({"error_code":"DLF.0815","error_msg":"Fail to read OBS file."})");
  std::string large(11U << 20U, 'x');
  std::uint32_t noise = 1;
  for (char& c : large) c = static_cast<char>((noise = noise * 1664525U + 1013904223U) >> 24U);
  dlf.stage({{"a.job", job("a")}, {"noise.txt", large}}, "/aaaaa/large.zip");
  CHECK(dlf.post("jobs/import", R"({"path":"obs://aaaaa/large.zip"})").code() == "DLF.0815");
}

TEST_CASE("what cannot be stored fails its subtask only") {
  Factory dlf(Quirks{{"subtask_message", "present"}});
  dlf.stage({{"a.job", job("a")}, {"broken.job", "{"}, {"c.job", job("c", "", "OTHER")}});
  const std::string id = dlf.import();
  CHECK(dlf.outcome(id) == "FAILED");
  CHECK(subtasks(dlf.task(id)) ==
        "Import the a job. SUCCESSFUL; Import the broken job. FAILED; Import the c job. FAILED; ");
  CHECK(at(dlf.task(id), {"subtasks", "1", "message"}) == Value("The file of the job broken is no JSON object."));
  CHECK(dlf.get("jobs/a").status == 200);
  dlf.stage({{"a.job", job("a")}, {"s.script", R"({"name":"s"})"}});
  CHECK(dlf.task(dlf.import()).text("message") == "Failed to import s. ");
}

TEST_CASE("faults strike imports") {
  const std::string front = "- {method: POST, path: \"**/jobs/import\", ";
  const std::vector<gateway::ArchiveEntry> files = {{"a.job", job("a")}, {"b.job", job("b")}, {"c.job", job("c")}};
  Factory partial({}, faulty(front + "action: partial_failure, count: 2, error_msg: no room}"));
  partial.stage(files);
  CHECK(subtasks(partial.task(partial.import())) ==
        "Import the a job. SUCCESSFUL; Import the b job. FAILED; Import the c job. FAILED; ");
  CHECK(partial.get("jobs/a").status == 200);
  CHECK(partial.get("jobs/b").status == 400);
  Factory failed({}, faulty(front + "action: failed_task, error_msg: no room}"));
  failed.stage(files);
  const Value task = failed.task(failed.import());
  CHECK(task.text("message") == "no room");
  CHECK(subtasks(task).empty());
  CHECK(failed.get("jobs/a").status == 400);
  Factory stuck({}, faulty(front + "action: stuck}"));
  stuck.stage(files);
  const std::string id = stuck.import();
  stuck.now += std::chrono::hours(1000);
  CHECK(stuck.outcome(id) == "RUNNING");
  Factory lost({}, faulty(front + "action: lost_task}"));
  lost.stage(files);
  CHECK(lost.get("system-tasks/" + lost.import()).code() == "DLF.0810");
  CHECK(lost.get("jobs/a").status == 200);
  Factory asked({}, faulty("- {path: \"**/system-tasks/*\", nth: 1, action: lost_task}"));
  asked.stage(files);
  const std::string gone = asked.import();
  CHECK(asked.get("system-tasks/" + gone).code() == "DLF.0810");
  CHECK(asked.get("system-tasks/" + gone).code() == "DLF.0810");
  CHECK(asked.get("jobs/a").status == 200);
  Factory ignored({}, faulty(front + "action: ignored, count: 2}"));
  ignored.stage(files);
  CHECK(ignored.outcome(ignored.import()) == "SUCCESSFUL");
  CHECK(ignored.get("jobs/b").status == 400);
  CHECK(ignored.get("jobs/c").status == 200);
}

TEST_CASE("somebody else may change jobs and scripts") {
  Factory dlf({},
              faulty("- {path: \"**/jobs/a\", nth: 1, action: foreign_change, api: \"job a\"}\n"
                     "- {path: \"**/jobs/a\", nth: 2, action: foreign_change, api: \"job *\", change: publish}\n"
                     "- {path: \"**/jobs/a\", nth: 3, action: foreign_change, api: \"script *\", set: {content: x}}\n"
                     "- {path: \"**/jobs/a\", nth: 4, action: foreign_change, api: \"job a\", change: delete}\n"));
  REQUIRE(dlf.post("jobs", job("a")).status == 204);
  REQUIRE(dlf.post("scripts", script("s1")).status == 204);
  CHECK(dlf.get("jobs/a").body.text("description") == "changed by somebody else");
  dlf.get("jobs/a");
  CHECK(at(dlf.get("jobs").body, {"jobs", "0", "status"}) == Value("SCHEDULING"));
  dlf.get("jobs/a");
  CHECK(dlf.get("scripts/s1").body.text("content") == "x");
  CHECK(dlf.get("jobs/a").code() == "DLF.0100");
}

TEST_CASE("exports go to object storage when they are asked to") {
  Factory dlf({}, slow());
  REQUIRE(dlf.post("jobs", job("a")).status == 204);
  const Answer one = dlf.post("jobs/a/export", R"({"obsPath":"obs://test-bucket/job_nodes"})");
  CHECK(one.text == R"({"obsPath":"obs://test-bucket/job_nodes/job_1_exported/1544777081487"})");
  const std::string path = "/test-bucket/job_nodes/job_1_exported/1544777081487/a.zip";
  CHECK(dlf.send("HEAD", path).status == 404);
  dlf.now += std::chrono::seconds(2);
  CHECK(Factory::documents(dlf.send("GET", path).body).contains("jobs/a.job"));
  CHECK(dlf.post("jobs/batch-export", R"({"jobList":["a"],"obsPath":"obs://test-bucket"})").text ==
        R"({"obsPath":"obs://test-bucket/jobs_exported/1544777083487"})");
  CHECK(dlf.post("jobs/a/export", R"({"obsPath":"/test-bucket"})").code() == "DLF.0803");
}

TEST_CASE("exports are of known jobs, at most 100 at a time") {
  Factory dlf;
  REQUIRE(dlf.post("jobs", job("a")).status == 204);
  std::string many = "\"a\"";
  for (int i = 1; i < 100; ++i) many += ",\"a\"";
  CHECK(dlf.exported(many).size() == 1);
  CHECK(dlf.post("jobs/batch-export", R"({"jobList":[)" + many + ",\"a\"]}").code() == "DLF.3051");
  CHECK(dlf.post("jobs/batch-export", R"({"jobList":[]})").code() == "DLF.3051");
  CHECK(dlf.post("jobs/batch-export", "{}").code() == "DLF.3051");
  CHECK(dlf.post("jobs/batch-export", R"({"jobList":["a","b"]})").code() == "DLF.0100");
  CHECK(dlf.post("jobs/b/export").code() == "DLF.0100");
  CHECK(dlf.post("jobs/a/export", R"({"exportStatus":"NOW"})").code() == "DLF.3051");
}

TEST_CASE("the switches of DataArts are obeyed") {
  Factory dlf(Quirks{{"dlf_codes", "long"},
                     {"unreadable_package", "task"},
                     {"task_times", "text"},
                     {"partial_import", "warning"},
                     {"skipped_job", "absent"},
                     {"task_language", "chinese"}});
  CHECK(dlf.get("system-tasks/42").text == R"({"error_code":"DLF.20810","error_msg":"Task[42] does not exist"})");
  const Value unread = dlf.task(dlf.import());
  CHECK(unread.text("status") == "FAILED");
  CHECK(unread.text("message") == "读取OBS文件[obs://aaaaa/job_batch.zip]失败。");
  CHECK(unread.text("startTime") == "1544777081000");
  CHECK(subtasks(unread).empty());
  dlf.stage({{"a.job", job("a")}, {"broken.job", "{"}});
  const Value partial = dlf.task(dlf.import("SKIP"));
  CHECK(partial.text("status") == "WARNING");
  CHECK(at(partial, {"subtasks", "0", "lastUpdate"}) == Value("1544777081000"));
  CHECK(subtasks(dlf.task(dlf.import("SKIP"))) == "导入作业[broken]。 FAILED; ");
  Factory warned(Quirks{{"skipped_job", "warning"}});
  warned.stage({{"a.job", job("a")}});
  CHECK(warned.outcome(warned.import("SKIP")) == "SUCCESSFUL");
  CHECK(subtasks(warned.task(warned.import("SKIP"))) == "Import the a job. WARNING; ");
  Factory english(Quirks{{"task_language", "english"}});
  english.language = "zh-cn";
  english.stage({{"a.job", job("a")}});
  CHECK(subtasks(english.task(english.import())) == "Import the a job. SUCCESSFUL; ");
}

TEST_CASE("the switches of exports are obeyed") {
  const auto exported = [](const std::map<std::string, std::string>& quirks, const std::string& file) {
    Factory dlf(quirks);
    REQUIRE(dlf.post("jobs", job("a", R"(,"basicConfig":{})")).status == 204);
    auto files = dlf.exported(R"("a")");
    INFO(file);
    REQUIRE(files.contains(file));
    return files[file];
  };
  exported(Quirks{{"package_tree", "single"}}, "jobs/a.job");
  exported(Quirks{{"package_tree", "batch"}}, "jobs/a/a.job");
  const Value observed = exported(Quirks{{"job_keys", "observed"}}, "jobs/a/a.job");
  CHECK(observed.text("version") == "1");
  CHECK(at(observed, {"nodes", "0", "lineageInfo"}) == Value("[{\"outputs\":[],\"inputs\":[]}]"));
  CHECK(at(observed, {"nodes", "0", "properties", "0", "value_is_sensitive"}) == Value(false));
  CHECK(at(observed, {"basicConfig", "encrypt"}) == Value(false));
  CHECK(at(observed, {"schedule", "scheduleOffset"}) == Value(1));
  CHECK(exported({}, "jobs/a/a.job").find("version") == nullptr);
  CHECK(at(exported(Quirks{{"location", "number"}}, "jobs/a/a.job"), {"nodes", "0", "location", "x"}) == Value(-45.5));
  Factory details(Quirks{{"job_directory", "absent"}});
  REQUIRE(details.post("jobs", job("a")).status == 204);
  CHECK(details.get("jobs/a").body.find("directory") == nullptr);
}

TEST_CASE("finished tasks are forgotten in time") {
  Factory dlf(Quirks{{"task_retention", "1m"}});
  dlf.stage({{"a.job", job("a")}});
  const std::string id = dlf.import();
  CHECK(dlf.outcome(id) == "SUCCESSFUL");
  dlf.now += std::chrono::minutes(2);
  CHECK(dlf.get("system-tasks/" + id).code() == "DLF.0810");
}

TEST_CASE("the README lists every call of DataArts with its methods and tests") {
  std::ifstream file(std::string(SLUICE_SOURCE_DIR) + "/providers/gateway/README.md");
  const std::string readme{std::istreambuf_iterator<char>(file), {}};
  for (const auto& route : gateway::dataarts::routes()) {
    const std::size_t at = readme.find("\n| `" + std::string(route.path) + "` | ");
    INFO(route.method << " " << route.path);
    REQUIRE(at != std::string::npos);
    const std::string line = readme.substr(at + 1, readme.find('\n', at + 1) - at - 1);
    CHECK(line.find(route.method) != std::string::npos);
    CHECK(line.find(" | dataarts") != std::string::npos);
  }
}
