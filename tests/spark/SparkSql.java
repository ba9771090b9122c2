import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import org.apache.spark.sql.SparkSession;

/** Runs the statements of standard input, one a line; the rows of each are one
 * line of JSON.  Arguments are settings of the session, NAME=VALUE. */
public class SparkSql {
    public static void main(String[] settings) throws IOException {
        SparkSession.Builder builder = SparkSession.builder()
            .master("local[1]").config("spark.ui.enabled", "false")
            .config("spark.sql.shuffle.partitions", "1")
            .config("spark.sql.extensions", "org.apache.iceberg.spark"
                + ".extensions.IcebergSparkSessionExtensions");
        for (String setting : settings) {
            String[] part = setting.split("=", 2);
            builder = builder.config(part[0], part[1]);
        }

        SparkSession spark = builder.getOrCreate();
        BufferedReader in = new BufferedReader(
            new InputStreamReader(System.in));

        for (String line; (line = in.readLine()) != null;) {
            String[] rows = (String[]) spark.sql(line).toJSON().collect();

            System.out.println("[" + String.join(",", rows) + "]");
        }
        spark.stop();
    }
}
