import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import org.apache.spark.sql.SparkSession;

/** Runs the statements of standard input, one a line; the rows of each are one
 * line of JSON, a list, and so is an error, a text.  Arguments are settings of
 * the session, NAME=VALUE. */
public class SparkSql {
    static String answer(SparkSession spark, String statement)
            throws IOException {
        try {
            String[] rows = (String[]) spark.sql(statement).toJSON().collect();

            return "[" + String.join(",", rows) + "]";
        } catch (Exception e) { // Scala's are checked, and declared nowhere
            return new ObjectMapper().writeValueAsString(e.toString());
        }
    }

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

        for (String line; (line = in.readLine()) != null;)
            System.out.println(answer(spark, line));
        spark.stop();
    }
}
